import LoopWatch

/// Frames, samples and intervals that the tests of the pure parts share.
enum Recorded {
    static let usleep = StackFrame(
        address: 0x7f00_000d_d07c,
        function: "usleep",
        module: "libc.so.6",
        offset: 0xdd07c
    )
    static let ingestBlocking = user("ingestBlocking(_:)", "IngestServer/IngestHandler.swift", line: 80)
    static let handleRequest = user(
        "handleRequest(_:_:)",
        "IngestServer/IngestRoutes.swift",
        line: 47,
        kind: .asyncCaller
    )

    static func user(
        _ function: String,
        _ path: String,
        line: Int,
        kind: StackFrame.Kind = .call
    ) -> StackFrame {
        StackFrame(
            address: 0x5500_0000_0000 + UInt64(line),
            function: function,
            file: "/home/me/service/Sources/\(path)",
            module: "ingest-bench",
            line: line,
            column: 3,
            kind: kind,
            isUserCode: true
        )
    }

    static func foreign(_ function: String, _ module: String, kind: StackFrame.Kind = .call) -> StackFrame {
        StackFrame(
            address: 0x6600,
            function: function,
            file: "/home/me/service/.build/checkouts/some/Sources/\(module)/\(function).swift",
            module: "ingest-bench",
            line: 1,
            kind: kind
        )
    }

    /// The stack of the route that blocks, with the async callers that Hummingbird adds.
    static let routeStack: [StackFrame] =
        [usleep, ingestBlocking, handleRequest]
        + (0..<14).map {
            foreign("step\($0)", ["Hummingbird", "HummingbirdCore", "NIOCore"][$0 % 3], kind: .asyncCaller)
        }

    /// A function of the user's that calls another.
    static func stack(_ name: String, calling callee: StackFrame? = usleep) -> [StackFrame] {
        (callee.map { [$0] } ?? []) + [user("\(name)()", "App/\(name).swift", line: 7)]
    }

    static func sample(
        _ milliseconds: Int,
        _ frames: [StackFrame],
        isOfInterval: Bool = true,
        cpu: Int? = nil,
        wait: Int? = nil
    ) -> RecordedSample {
        RecordedSample(
            offset: .milliseconds(milliseconds),
            isOfInterval: isOfInterval,
            frames: frames,
            accounts: cpu.map { accounts(milliseconds, cpu: $0, wait: wait) }
        )
    }

    static func accounts(_ milliseconds: Int, cpu: Int?, wait: Int?) -> RecordedAccounts {
        RecordedAccounts(
            offset: .milliseconds(milliseconds),
            cpu: cpu.map { .milliseconds($0) },
            wait: wait.map { .milliseconds($0) }
        )
    }

    /// An interval that starts 1000 ms after the clock did.
    static func interval(
        _ milliseconds: Int,
        before: RecordedAccounts? = nil,
        after: RecordedAccounts? = nil,
        samples: [RecordedSample] = []
    ) -> RecordedInterval {
        RecordedInterval(
            number: 9,
            kind: .eventLoop,
            thread: "NIO-ELT-0-#1",
            threadID: 4711,
            start: .milliseconds(1000),
            end: .milliseconds(1000 + milliseconds),
            startUnixNanoseconds: 1_795_363_200_000_000_000,
            before: before,
            after: after,
            samples: samples,
            threshold: .milliseconds(10)
        )
    }

    /// A route that sleeps: 60.6 ms in `usleep`.
    static func routeBlock(id: Int = 1) -> LoopBlock {
        LoopBlock(
            id: id,
            interval: 9,
            kind: .eventLoop,
            thread: "NIO-ELT-0-#1",
            threadID: 4711,
            start: .nanoseconds(812_345_678_901),
            startUnixNanoseconds: 1_795_363_200_000_000_000,
            threshold: .milliseconds(10),
            duration: .microseconds(60600),
            cpu: .microseconds(300),
            waiting: .microseconds(60200),
            notScheduled: .microseconds(100),
            verdict: .waiting,
            method: .probe,
            call: "clock_nanosleep",
            blame: ingestBlocking,
            callee: usleep,
            samples: (1...6).map { StackSample(offset: .milliseconds($0 * 10), frames: routeStack) }
        )
    }

    static let methods = Methods(loops: .probe, pool: .probe, stacks: true, cpuSplit: true, taskNames: true)
    static let site = CallSite(
        file: "IngestServerTests/RouteTests.swift",
        function: "asyncRouteKeepsTheLoopFree()",
        line: 41
    )

    static func snapshot(_ blocks: [LoopBlock]) -> Snapshot {
        Snapshot(
            methods: methods,
            threshold: .milliseconds(10),
            watchedFor: .milliseconds(4120),
            loops: [
                LoopUsage(
                    name: "NIO-ELT-0-#1",
                    busy: .milliseconds(210),
                    cpu: .microseconds(149_400),
                    notScheduled: .microseconds(400),
                    blocked: .microseconds(60500),
                    longest: .microseconds(60600),
                    intervals: 1
                )
            ],
            blocks: blocks
        )
    }
}
