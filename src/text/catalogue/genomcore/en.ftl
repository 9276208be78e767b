### Events that came by the Genomcore events API and were given no type.

reason-GenomcoreEvent = GenomcoreEvent
