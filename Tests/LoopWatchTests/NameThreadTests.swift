import Testing

@testable import LoopWatch

/// The thread that names, and those who wait for it.
@Suite(.timeLimit(.minutes(1)))
struct NameThreadTests {
    private static let addresses: [UInt64] = [0x100, 0x200, 0x300]

    /// Three functions of the user's.
    private static func resolver() -> RecordedResolver {
        RecordedResolver(
            names: Dictionary(
                uniqueKeysWithValues: addresses.map {
                    ($0, FrameName(function: "f\($0)", symbol: "$f\($0)", image: "/app/shop", offset: $0))
                }
            ),
            places: Dictionary(
                uniqueKeysWithValues: addresses.map {
                    ($0, [FramePlace(function: "f\($0)", file: "/srv/shop/F.swift", line: 7, column: 1)])
                }
            )
        )
    }

    /// A server that stopped right after blocks waited half a minute for their names.
    @Test func `whoever waits for everything doesn't wait for the budget`() async {
        let lookup = FrameLookup(resolver: Self.resolver(), capacity: 100, stackCapacity: 100)
        // The first line costs more than this budget earns in an hour.
        let thread = NameThread(lookup: lookup, perSecond: .nanoseconds(1))
        let stack = RawStack(addresses: Self.addresses, kinds: [0, 0, 0])
        let frames = await withCheckedContinuation { continuation in
            let request = NameThread.Request(stack: stack) { continuation.resume(returning: $0) }
            thread.add(request, isUrgent: false)
            thread.hurry(true)
        }
        thread.hurry(false)
        #expect(frames.map(\.line) == [7, 7, 7])
    }
}
