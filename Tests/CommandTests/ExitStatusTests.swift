import Testing

@testable import ingest_bench

/// Swift Testing has a type of that name, too.
private typealias Status = ingest_bench.ExitStatus

/// Which status a run ends with when several things went wrong.
struct ExitStatusTests {
    private struct Trouble: UserFacingError, Equatable {
        let message: String
        let exitStatus: Status
        var hint: String? { nil }
    }

    /// Each status that a run may end with, and the one that goes before it.
    fileprivate static let neighbours = zip(Status.order, Status.order.dropFirst()).map { ($0, $1) }

    @Test func `the order is that of the documentation`() {
        let order: [Status] = [
            .interrupted, .terminated, .usage, .unreachable, .failed, .thresholdFailed, .inconclusive, .done,
        ]
        #expect(Status.order == order)
        #expect(Status.order.map(\.rawValue) == [130, 143, 64, 4, 1, 2, 3, 0])
    }

    @Test(arguments: neighbours)
    fileprivate func `of two statuses the first in the order is kept, whichever was found first`(
        _ first: Status,
        _ second: Status
    ) {
        let errors = [first, second].map { Trouble(message: "\($0)", exitStatus: $0) }
        #expect(gravest(of: errors)?.exitStatus == first)
        #expect(gravest(of: errors.reversed())?.exitStatus == first)
    }

    @Test func `among equals the first that was found is told`() {
        let errors = ["one", "two"].map { Trouble(message: $0, exitStatus: .failed) }
        #expect(gravest(of: errors)?.message == "one")
        #expect(gravest(of: []) == nil)
    }
}
