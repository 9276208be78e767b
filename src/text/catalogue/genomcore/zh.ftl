### Genomcore 事件接口收到的事件，客户端未给出类型时使用。

reason-GenomcoreEvent = 事件
