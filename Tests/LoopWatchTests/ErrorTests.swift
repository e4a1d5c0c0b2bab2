import LoopWatch
import Testing

@Test(arguments: [
    (LoopWatchError.thresholdTooSmall(.zero), "use 1 ms or more"),
    (.graceNegative(.seconds(-1)), "zero or more"),
    (.alreadyRunning, "stop the first one"), (.jobHookTaken, "watch .allLoops"),
])
func `bad use is told with a hint`(error: LoopWatchError, hint: String) {
    #expect(error.description.hasSuffix("; \(error.hint ?? "")"))
    #expect(error.hint?.contains(hint) == true)
}
