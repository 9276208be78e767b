{{- define "dagtrail.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 52 | trimSuffix "-" }}
{{- end }}

{{/* 52 leaves room for what the StatefulSet appends to the names and labels of its Pods. */}}
{{- define "dagtrail.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 52 | trimSuffix "-" }}
{{- else if contains (include "dagtrail.name" .) .Release.Name }}
{{- .Release.Name | trunc 52 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name (include "dagtrail.name" .) | trunc 52 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{/* Labels that never change between versions: selectors and claims may carry no others. */}}
{{- define "dagtrail.selectorLabels" -}}
app.kubernetes.io/name: {{ include "dagtrail.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "dagtrail.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{ include "dagtrail.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "dagtrail.serviceAccountName" -}}
{{- if .Values.serviceAccount.create }}
{{- default (include "dagtrail.fullname" .) .Values.serviceAccount.name }}
{{- else }}
{{- default "default" .Values.serviceAccount.name }}
{{- end }}
{{- end }}

{{- define "dagtrail.image" -}}
{{- if .Values.image.digest }}
{{- printf "%s@%s" .Values.image.repository .Values.image.digest }}
{{- else }}
{{- printf "%s:%s" .Values.image.repository (default .Chart.AppVersion .Values.image.tag) }}
{{- end }}
{{- end }}

{{/* The engines that are watched, with commas between them. */}}
{{- define "dagtrail.engines" -}}
{{- $on := list }}
{{- range $name, $is := .Values.engines }}
{{- if $is }}{{ $on = append $on $name }}{{ end }}
{{- end }}
{{- join "," $on }}
{{- end }}

{{/* Whether the API server is asked who somebody is: a TokenReview needs a ClusterRole. */}}
{{- define "dagtrail.asksKubernetes" -}}
{{- if and .Values.auth.kubernetes.enabled (not .Values.scopedNamespace) }}yes{{ end }}
{{- end }}

{{/* Whether who asks is known by a token. */}}
{{- define "dagtrail.asked" -}}
{{- if or (include "dagtrail.asksKubernetes" .) .Values.auth.tokens.existingSecret }}yes{{ end }}
{{- end }}

{{/* Values that do not go together. */}}
{{- define "dagtrail.check" -}}
{{- if .Values.scopedNamespace }}
{{- if not .Values.clusterName }}
{{- fail "scopedNamespace needs clusterName: the cluster's id, the uid of namespace kube-system, is out of reach of a Role" }}
{{- end }}
{{- if not .Values.auth.tokens.existingSecret }}
{{- fail "scopedNamespace needs auth.tokens.existingSecret: the Secret with the file of hashed tokens" }}
{{- end }}
{{- end }}
{{- end }}

{{/* What is read: `list` and `watch`, for nothing is ever got by its name. */}}
{{- define "dagtrail.watchRules" -}}
- apiGroups: [""]
  resources: [events, pods]
  verbs: [list, watch]
- apiGroups: [batch]
  resources: [jobs]
  verbs: [list, watch]
- apiGroups: [dagtrail.dev]
  resources: [executions]
  verbs: [list, watch]
- apiGroups: [dagtrail.dev]
  resources: [executions/status]
  verbs: [patch]
{{- if .Values.engines.argo }}
- apiGroups: [argoproj.io]
  resources: [workflows]
  verbs: [list, watch]
{{- end }}
{{- if .Values.engines.tekton }}
- apiGroups: [tekton.dev]
  resources: [pipelineruns, taskruns, customruns]
  verbs: [list, watch]
{{- end }}
{{- if .Values.engines.kubegene }}
- apiGroups: [execution.kubegene.io]
  resources: [executions]
  verbs: [list, watch]
{{- end }}
{{- if .Values.engines.volcano }}
- apiGroups: [batch.volcano.sh]
  resources: [jobs]
  verbs: [list, watch]
- apiGroups: [flow.volcano.sh]
  resources: [jobflows]
  verbs: [list, watch]
{{- end }}
{{- if .Values.engines.kueue }}
- apiGroups: [kueue.x-k8s.io]
  resources: [workloads]
  verbs: [list, watch]
{{- end }}
{{- end }}
