// Command emitter tells Events through client-go's own recorder, so that
// tests meet its true behaviour: the first telling creates, repeats PATCH the
// count, a PATCH that finds nothing creates again under the same name with the
// count it had, and many messages under one reason become a combined Event.
//
// It tells --count Events and ends; with --stdin it reads one number a line
// and tells that many more, keeping the recorder (and its memory) between the
// lines. After each batch it prints one line of JSON with what was written.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"
	"time"

	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/scheme"
	typedcorev1 "k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/record"
)

type options struct {
	kubeconfig, server string
	component, host    string
	object             v1.ObjectReference
	uid                string
	kind               string
	reason, message    string
	count              int
	interval           time.Duration
	burst              int
	qps                float64
	similar            int
	retry              time.Duration
	stdin              bool
}

func main() {
	if err := run(parse()); err != nil {
		fmt.Fprintln(os.Stderr, "emitter:", err)
		os.Exit(1)
	}
}

func parse() options {
	var o options
	flag.StringVar(&o.kubeconfig, "kubeconfig", os.Getenv("KUBECONFIG"), "file with the address and the credentials")
	flag.StringVar(&o.server, "server", "", "address of the API server, instead of the kubeconfig's")
	flag.StringVar(&o.component, "component", "emitter", "source.component of the Events")
	flag.StringVar(&o.host, "host", "", "source.host of the Events")
	flag.StringVar(&o.object.APIVersion, "api-version", "v1", "involved object: API version")
	flag.StringVar(&o.object.Kind, "kind", "Pod", "involved object: kind")
	flag.StringVar(&o.object.Namespace, "namespace", "default", "involved object: namespace")
	flag.StringVar(&o.object.Name, "name", "", "involved object: name")
	flag.StringVar(&o.uid, "uid", "", "involved object: uid")
	flag.StringVar(&o.object.FieldPath, "field-path", "", "involved object: field path, as spec.containers{main}")
	flag.StringVar(&o.kind, "type", v1.EventTypeNormal, "Normal or Warning")
	flag.StringVar(&o.reason, "reason", "Emitted", "reason code")
	flag.StringVar(&o.message, "message", "told by the emitter", "message; {i} becomes the number of the telling")
	flag.IntVar(&o.count, "count", 1, "how many to tell")
	flag.DurationVar(&o.interval, "interval", 0, "pause after each telling")
	flag.IntVar(&o.burst, "burst", 0, "burst of the recorder's spam filter (client-go's own is 25); 0: no filter")
	flag.Float64Var(&o.qps, "qps", 0, "refill of the spam filter per second; 0: client-go's own, 1/300")
	flag.IntVar(&o.similar, "similar", 0, "messages under one reason before they are combined; 0: client-go's own, 10")
	flag.DurationVar(&o.retry, "retry", 2*time.Second, "pause before a failed write is tried again, 12 times at most (client-go's own is 10s)")
	flag.BoolVar(&o.stdin, "stdin", false, "read how many to tell, line by line, from standard input")
	flag.Parse()
	o.object.UID = types.UID(o.uid)
	return o
}

func run(o options) error {
	if o.object.Name == "" {
		return fmt.Errorf("--name is missing: an Event needs an involved object")
	}
	config, err := clientcmd.BuildConfigFromFlags(o.server, o.kubeconfig)
	if err != nil {
		return fmt.Errorf("read kubeconfig %q: %w", o.kubeconfig, err)
	}
	config.QPS, config.Burst = 1000, 1000
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}

	t := newTeller(o, &typedcorev1.EventSinkImpl{Interface: client.CoreV1().Events("")})
	if !o.stdin {
		return t.tell(o.count)
	}
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		n, err := strconv.Atoi(strings.TrimSpace(lines.Text()))
		if err != nil {
			return fmt.Errorf("line %q is no number", lines.Text())
		}
		if err := t.tell(n); err != nil {
			return err
		}
	}
	return lines.Err()
}

type teller struct {
	o        options
	sink     *countingSink
	recorder record.EventRecorder
	told     int
}

func newTeller(o options, inner record.EventSink) *teller {
	correlation := record.CorrelatorOptions{BurstSize: o.burst, QPS: float32(o.qps), MaxEvents: o.similar}
	if o.burst == 0 {
		correlation.BurstSize = math.MaxInt32
	}
	broadcaster := record.NewBroadcaster(
		record.WithCorrelatorOptions(correlation),
		record.WithSleepDuration(o.retry),
	)
	sink := &countingSink{inner: inner, settled: make(chan struct{}, 1)}
	broadcaster.StartRecordingToSink(sink)
	source := v1.EventSource{Component: o.component, Host: o.host}
	return &teller{o: o, sink: sink, recorder: broadcaster.NewRecorder(scheme.Scheme, source)}
}

// tell records n Events, each after the one before is settled: the recorder's
// queue drops what does not fit, and a test must know what was told.
func (t *teller) tell(n int) error {
	filtered := 0
	for range n {
		t.told++
		message := strings.ReplaceAll(t.o.message, "{i}", strconv.Itoa(t.told))
		t.recorder.Event(&t.o.object, t.o.kind, t.o.reason, message)
		if !t.settle() {
			filtered++
		}
		time.Sleep(t.o.interval)
	}
	return json.NewEncoder(os.Stdout).Encode(t.sink.report(n, filtered))
}

// settle waits until the last telling is written or refused. With a spam
// filter a telling may never reach the sink, which only time can show.
func (t *teller) settle() bool {
	if t.o.burst == 0 {
		<-t.sink.settled
		return true
	}
	select {
	case <-t.sink.settled:
		return true
	case <-time.After(300 * time.Millisecond):
		return false
	}
}
