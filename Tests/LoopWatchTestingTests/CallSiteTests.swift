import LoopWatchTesting
import Testing

@Test func `a place in the source names its file, function and line`() {
    let site = CallSite.here()
    #expect(site.file == "LoopWatchTestingTests/CallSiteTests.swift")
    #expect(site.line == 5)
}
