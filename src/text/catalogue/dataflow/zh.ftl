### Google Dataflow 工作机所报告的内容：健康、生命周期、关闭与消息代码。

## 健康与关闭

reason-WorkerHealthy = 工作机健康
reason-WorkerUnhealthy = 工作机不健康
reason-WorkerBroken = 工作机已损坏
reason-WorkerShutdown = 工作机关闭

message-WorkerHealthy = 工作机({ $elem })健康.
    .detail = 工作机({ $elem })健康: { $detail }
message-WorkerUnhealthy = 工作机({ $elem })不健康.
    .code = 工作机({ $elem })不健康({ $code }).
    .detail = 工作机({ $elem })不健康: { $detail }
    .full = 工作机({ $elem })不健康({ $code }): { $detail }
message-WorkerBroken = 工作机({ $elem })已永久损坏.
    .code = 工作机({ $elem })已永久损坏({ $code }).
    .detail = 工作机({ $elem })已永久损坏: { $detail }
    .full = 工作机({ $elem })已永久损坏({ $code }): { $detail }
message-WorkerShutdown = 工作机({ $elem })正在关闭.
    .detail = 工作机({ $elem })正在关闭: { $detail }

## 生命周期：枚举中的名称

reason-UNKNOWN_EVENT = 未知事件
reason-OS_START = 系统已启动
reason-CONTAINER_START = 容器已启动
reason-NETWORK_UP = 网络已就绪
reason-STAGING_FILES_DOWNLOAD_START = 开始下载暂存文件
reason-STAGING_FILES_DOWNLOAD_FINISH = 暂存文件下载结束
reason-SDK_INSTALL_START = 开始安装SDK
reason-SDK_INSTALL_FINISH = SDK安装结束

message-UNKNOWN_EVENT = 工作机({ $elem })报告了未知事件.
    .detail = 工作机({ $elem })报告了未知事件: { $detail }
message-OS_START = 工作机({ $elem })的系统已启动.
    .detail = 工作机({ $elem })的系统已启动: { $detail }
message-CONTAINER_START = 工作机({ $elem })的容器已启动.
    .detail = 工作机({ $elem })的容器已启动: { $detail }
message-NETWORK_UP = 工作机({ $elem })的网络已就绪.
    .detail = 工作机({ $elem })的网络已就绪: { $detail }
message-STAGING_FILES_DOWNLOAD_START = 工作机({ $elem })开始下载暂存文件.
    .detail = 工作机({ $elem })开始下载暂存文件: { $detail }
message-STAGING_FILES_DOWNLOAD_FINISH = 工作机({ $elem })的暂存文件下载结束.
    .detail = 工作机({ $elem })的暂存文件下载结束: { $detail }
message-SDK_INSTALL_START = 工作机({ $elem })开始安装SDK.
    .detail = 工作机({ $elem })开始安装SDK: { $detail }
message-SDK_INSTALL_FINISH = 工作机({ $elem })的SDK安装结束.
    .detail = 工作机({ $elem })的SDK安装结束: { $detail }

## 消息代码：有文档的代码，以及其余代码共用的句子

reason-WorkerMessageCode = 工作机消息代码
reason-HARNESS_STARTED = 工作机程序已启动
reason-GCS_DOWNLOAD_ERROR = 云存储下载错误

message-WorkerMessageCode = 工作机({ $elem })报告{ $code }.
    .detail = 工作机({ $elem })报告{ $code }: { $detail }
message-HARNESS_STARTED = 工作机({ $elem })的程序已启动.
    .detail = 工作机({ $elem })的程序已启动: { $detail }
message-GCS_DOWNLOAD_ERROR = 工作机({ $elem })从云存储下载失败.
    .detail = 工作机({ $elem })从云存储下载失败: { $detail }
