import LoopWatchTesting
import XCTest

final class AssertionTests: XCTestCase {
    func testLeavesOneOfEach() async throws {
        try await assertNoLeaks {  // the line of the assertion
            leaveTask()
            leaveThread()
            try await blockLoop()
        }
    }

    func testLeavesNothing() async throws {
        let value = try await assertNoLeaks { await Task { 1 }.value }
        XCTAssertEqual(value, 1)
    }
}
