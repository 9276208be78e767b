### What Google Dataflow's workers tell: health, lifecycle, shutdown, and message codes.

## Health, shutdown

reason-WorkerHealthy = WorkerHealthy
reason-WorkerUnhealthy = WorkerUnhealthy
reason-WorkerBroken = WorkerBroken
reason-WorkerShutdown = WorkerShutdown

message-WorkerHealthy = Worker({ $elem }) is healthy.
    .detail = Worker({ $elem }) is healthy: { $detail }
message-WorkerUnhealthy = Worker({ $elem }) is unhealthy.
    .code = Worker({ $elem }) is unhealthy ({ $code }).
    .detail = Worker({ $elem }) is unhealthy: { $detail }
    .full = Worker({ $elem }) is unhealthy ({ $code }): { $detail }
message-WorkerBroken = Worker({ $elem }) is broken for good.
    .code = Worker({ $elem }) is broken for good ({ $code }).
    .detail = Worker({ $elem }) is broken for good: { $detail }
    .full = Worker({ $elem }) is broken for good ({ $code }): { $detail }
message-WorkerShutdown = Worker({ $elem }) shuts down.
    .detail = Worker({ $elem }) shuts down: { $detail }

## Lifecycle: the names of the enumeration

reason-UNKNOWN_EVENT = UNKNOWN_EVENT
reason-OS_START = OS_START
reason-CONTAINER_START = CONTAINER_START
reason-NETWORK_UP = NETWORK_UP
reason-STAGING_FILES_DOWNLOAD_START = STAGING_FILES_DOWNLOAD_START
reason-STAGING_FILES_DOWNLOAD_FINISH = STAGING_FILES_DOWNLOAD_FINISH
reason-SDK_INSTALL_START = SDK_INSTALL_START
reason-SDK_INSTALL_FINISH = SDK_INSTALL_FINISH

message-UNKNOWN_EVENT = Worker({ $elem }) tells an event that is not known.
    .detail = Worker({ $elem }) tells an event that is not known: { $detail }
message-OS_START = The operating system of worker({ $elem }) has started.
    .detail = The operating system of worker({ $elem }) has started: { $detail }
message-CONTAINER_START = The container of worker({ $elem }) has started.
    .detail = The container of worker({ $elem }) has started: { $detail }
message-NETWORK_UP = The network of worker({ $elem }) is up.
    .detail = The network of worker({ $elem }) is up: { $detail }
message-STAGING_FILES_DOWNLOAD_START = Worker({ $elem }) starts to download the staged files.
    .detail = Worker({ $elem }) starts to download the staged files: { $detail }
message-STAGING_FILES_DOWNLOAD_FINISH = Worker({ $elem }) has downloaded the staged files.
    .detail = Worker({ $elem }) has downloaded the staged files: { $detail }
message-SDK_INSTALL_START = Worker({ $elem }) starts to install the SDK.
    .detail = Worker({ $elem }) starts to install the SDK: { $detail }
message-SDK_INSTALL_FINISH = Worker({ $elem }) has installed the SDK.
    .detail = Worker({ $elem }) has installed the SDK: { $detail }

## Message codes: those that are documented, and the sentence of all others

reason-WorkerMessageCode = WorkerMessageCode
reason-HARNESS_STARTED = HARNESS_STARTED
reason-GCS_DOWNLOAD_ERROR = GCS_DOWNLOAD_ERROR

message-WorkerMessageCode = Worker({ $elem }) reports { $code }.
    .detail = Worker({ $elem }) reports { $code }: { $detail }
message-HARNESS_STARTED = The harness of worker({ $elem }) has started.
    .detail = The harness of worker({ $elem }) has started: { $detail }
message-GCS_DOWNLOAD_ERROR = Worker({ $elem }) failed to download from Cloud Storage.
    .detail = Worker({ $elem }) failed to download from Cloud Storage: { $detail }
