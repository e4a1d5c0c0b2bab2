import Logging
import LoopWatch
import LoopWatchTesting
import Testing

/// The code of the page that gets one started, as it stands there.
@Suite(.serialized) struct GettingStartedTests {
    private let shop = Shop()
    private let logger = Logger(label: "shop", factory: { _ in SwiftLogNoOpLogHandler() })

    @Test(.noEventLoopBlocking())
    func `checking out blocks nobody`() async throws {
        try await shop.checkOut()
    }

    @Test(.noEventLoopBlocking(strict: .calls))
    func `checking out waits for nobody`() async throws {
        try await shop.checkOut()
    }

    @Test func `a scope stands around any code`() async throws {
        try await withNoEventLoopBlocking(threshold: .milliseconds(20)) {
            try await shop.checkOut()
        }
    }

    @Test func `a live server is watched`() async throws {
        let logger = logger
        var configuration = BlockDetector.Configuration()
        configuration.onBlock = { block in
            logger.warning("blocked for \(block.blocked) in \(block.blame?.function ?? "?")")
        }
        let detector = try await BlockDetector.start(configuration)
        try await shop.checkOut()
        #expect(await detector.stop().isTraced == detector.snapshot().isTraced)
    }

    @Test(.noTaskLeaks(), .noThreadLeaks())
    func `closing the shop ends its work`() async throws {
        let shop = try await Shop.open()
        try await shop.close()
    }
}

/// A service that does nothing, and that without blocking.
private struct Shop {
    /// Opens one.
    static func open() async throws -> Shop {
        await Task.yield()
        return Shop()
    }

    /// Sells everything.
    func checkOut() async throws { await Task.yield() }

    /// Ends its work.
    func close() async throws { await Task.yield() }
}
