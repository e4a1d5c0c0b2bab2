@_exported public import LoopWatch
