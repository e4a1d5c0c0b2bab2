import LoopWatch
import Testing

@Suite struct TextTests {
    @Test func `one block reads as the manual shows it`() {
        let error = EventLoopBlockError(
            blocks: [Recorded.routeBlock()],
            site: Recorded.site,
            methods: Recorded.methods
        )
        #expect(
            error.description == """
                LoopWatch: 1 loop block, 60.5 ms blocked \
                (scope IngestServerTests/RouteTests.swift:41 asyncRouteKeepsTheLoopFree())

                block 1: NIO-ELT-0-#1 busy 60.6 ms, threshold 10 ms
                  0.3 ms cpu + 60.2 ms waiting in clock_nanosleep + 0.1 ms not scheduled
                  Sources/IngestServer/IngestHandler.swift:80 ingestBlocking → usleep       6 samples, 1 stack
                    0   usleep
                    1   ingestBlocking(_:)        Sources/IngestServer/IngestHandler.swift:80
                    2 ~ handleRequest(_:_:)       Sources/IngestServer/IngestRoutes.swift:47
                      ~ 14 frames of Hummingbird, HummingbirdCore, NIOCore
                  "~" async caller, "=" inlined. watched: loops by probe, pool by probe
                """
        )
    }

    @Test func `the parts of an interval stand together, a line each`() {
        let interval = Recorded.interval(
            50,
            before: Recorded.accounts(0, cpu: 0, wait: 0),
            after: Recorded.accounts(50, cpu: 20, wait: 1),
            samples: [
                Recorded.sample(10, Recorded.stack("waits"), cpu: 0, wait: 1),
                Recorded.sample(20, Recorded.stack("waits"), cpu: 0, wait: 1),
                Recorded.sample(40, Recorded.stack("spins", calling: nil), cpu: 10, wait: 1),
            ]
        )
        let error = EventLoopBlockError(
            blocks: Splitter.blocks(of: interval, firstID: 4),
            site: Recorded.site
        )
        #expect(
            error.description == """
                LoopWatch: 2 loop blocks, 49 ms blocked \
                (scope IngestServerTests/RouteTests.swift:41 asyncRouteKeepsTheLoopFree())

                blocks 4, 5: NIO-ELT-0-#1 busy 50 ms in 2 parts, threshold 10 ms
                  20 ms cpu + 29 ms waiting + 1 ms not scheduled
                  part 1: 30 ms Sources/App/waits.swift:7 waits → usleep                    2 samples, 1 stack
                    0   usleep
                    1   waits()                   Sources/App/waits.swift:7
                  part 2: 20 ms Sources/App/spins.swift:7 spins                             1 sample, 1 stack
                    0   spins()                   Sources/App/spins.swift:7
                  "~" async caller, "=" inlined.
                """
        )
    }

    @Test func `a block without stack, accounts and end says so`() {
        var interval = Recorded.interval(12)
        interval.isOngoing = true
        interval.task = "upload"
        interval.note = "no stack: watchdog was 14 ms late"
        var methods = Recorded.methods
        methods.loops = .heartbeat
        methods.pool = .none
        methods.notes = ["the hook for jobs is taken"]
        let error = EventLoopBlockError(
            blocks: Splitter.blocks(of: interval, firstID: 1),
            site: Recorded.site,
            methods: methods
        )
        #expect(
            error.description.split(separator: "\n").dropFirst().joined(separator: "\n") == """
                block 1: NIO-ELT-0-#1 busy 12 ms, threshold 10 ms, task "upload", still busy
                  no stack
                  note: no stack: watchdog was 14 ms late
                  "~" async caller, "=" inlined. watched: loops by heartbeat, pool not
                  note: the hook for jobs is taken
                """
        )
    }

    @Test func `more than 20 blocks are shown by cause first, then the 20 longest`() {
        let blocks = (1...25).map { number in
            var interval = Recorded.interval(
                10 + number,
                samples: [Recorded.sample(5, Recorded.stack(number < 20 ? "often" : "seldom"))]
            )
            interval.number = number
            return Splitter.blocks(of: interval, firstID: number)[0]
        }
        let lines = EventLoopBlockError(blocks: blocks, site: Recorded.site).description
            .split(separator: "\n", omittingEmptySubsequences: false)
        #expect(
            lines[1...6] == [
                "", "by cause:",
                "  19 blocks, 380 ms, longest 29 ms  Sources/App/often.swift:7 often → usleep",
                "  6 blocks, 195 ms, longest 35 ms  Sources/App/seldom.swift:7 seldom → usleep", "",
                "the 20 longest of 25:",
            ]
        )
        let titles = lines.filter { $0.hasPrefix("block ") }
        #expect(titles.count == 20)
        #expect(titles.first == "block 25: NIO-ELT-0-#1 busy 35 ms, threshold 10 ms")
        #expect(titles.last == "block 6: NIO-ELT-0-#1 busy 16 ms, threshold 10 ms")
    }

    @Test func `a stack folds what is foreign, but for what was called`() {
        let frames =
            [Recorded.foreign("deep", "NIOPosix"), Recorded.foreign("deeper", "NIOCore"), Recorded.usleep]
            + Recorded.stack("mine", calling: Recorded.foreign("called", "NIOCore"))
            + [Recorded.foreign("alone", "NIOCore"), Recorded.user("top()", "App/top.swift", line: 1)]
        #expect(
            StackText(frames, foldsForeign: true).lines == [
                "0   deep                      Sources/NIOPosix/deep.swift:1",
                "    2 frames of NIOCore, libc.so.6",
                "3   called                    Sources/NIOCore/called.swift:1",
                "4   mine()                    Sources/App/mine.swift:7",
                "5   alone                     Sources/NIOCore/alone.swift:1",
                "6   top()                     Sources/App/top.swift:1",
            ]
        )
        #expect(StackText(frames, foldsForeign: false).lines.count == frames.count)
    }

    @Test func `an inlined frame is marked`() {
        let frames = [Recorded.user("small()", "App/a.swift", line: 1, kind: .inlined)]
        #expect(
            StackText(frames, foldsForeign: true).lines == [
                "0 = small()                   Sources/App/a.swift:1"
            ]
        )
    }

    @Test func `tasks say where they were made and where they are`() {
        let task = LeakedTask(
            id: 17,
            name: "worker-7",
            creationStack: [Recorded.foreign("init", "NIOCore"), Recorded.ingestBlocking],
            currentStack: [Recorded.handleRequest],
            cancellation: {}
        )
        let unnamed = LeakedTask(id: 18, name: nil, creationStack: [], currentStack: [], cancellation: {})
        let error = TaskLeakError(
            leakedTasks: [task, unnamed],
            site: Recorded.site,
            grace: .milliseconds(20),
            notes: ["names can't be read"]
        )
        #expect(
            error.description == """
                LoopWatch: 2 leaked tasks \
                (scope IngestServerTests/RouteTests.swift:41 asyncRouteKeepsTheLoopFree())

                task "worker-7" not finished 20 ms after the scope
                  created at Sources/IngestServer/IngestHandler.swift:80 ingestBlocking
                  suspended at Sources/IngestServer/IngestRoutes.swift:47 handleRequest

                task 18 not finished 20 ms after the scope
                  note: names can't be read
                """
        )
    }

    @Test func `all findings of a scope are one text in the order blocks, tasks, threads`() {
        let thread = LeakedThread(id: 4711, name: "pool-1", creationStack: [Recorded.usleep])
        let threads = ThreadLeakError(leakedThreads: [thread], site: Recorded.site)
        let tasks = TaskLeakError(leakedTasks: [], site: Recorded.site, grace: .zero)
        let blocks = EventLoopBlockError(blocks: [], site: Recorded.site)
        let all = LeakErrors(blocks: blocks, tasks: tasks, threads: threads)
        #expect(all.description == "\(blocks)\n\n\(tasks)\n\n\(threads)")
        #expect(LeakErrors(threads: threads).description == threads.description)
        #expect(
            threads.description == """
                LoopWatch: 1 leaked thread \
                (scope IngestServerTests/RouteTests.swift:41 asyncRouteKeepsTheLoopFree())

                thread 4711 "pool-1" still running
                  created at usleep
                """
        )
    }

    @Test func `a snapshot's text holds the totals, what is missing, and all frames`() {
        var snapshot = Recorded.snapshot([Recorded.routeBlock()])
        snapshot.dropped = 3
        snapshot.ignored = 2
        snapshot.isTraced = true
        let lines = snapshot.text.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(
            lines[..<5] == [
                "LoopWatch: 1 loop block, 60.5 ms blocked (watched for 4120 ms)",
                "  NIO-ELT-0-#1: busy 210 ms, blocked 60.5 ms in 1 interval, longest 60.6 ms",
                "  3 dropped: more came than are kept", "  2 ignored by rule",
                "  a debugger is attached: its pauses look like blocks",
            ]
        )
        #expect(lines.filter { $0.contains(" step") }.count == 14)
    }

    @Test(arguments: [
        (0, "0 ms"), (49_000, "0 ms"), (50_000, "0.1 ms"), (60_600_000, "60.6 ms"), (10_000_000, "10 ms"),
        (9_999_000_000, "9999 ms"), (12_340_000_000, "12.3 s"), (-1_000_000, "-1 ms"), (-1, "0 ms"),
    ])
    func `a duration has a decimal at the most`(nanoseconds: Int64, text: String) {
        #expect(Duration.nanoseconds(nanoseconds).shortText == text)
    }

    @Test(arguments: [
        ("/home/me/service/Sources/App/Run.swift", "Sources/App/Run.swift", "App"),
        ("/a/Tests/AppTests/Deep/Run.swift", "Tests/AppTests/Deep/Run.swift", "AppTests"),
        ("/a/.build/checkouts/nio/Sources/NIOCore/X.swift", "Sources/NIOCore/X.swift", "NIOCore"),
        ("/usr/src/glibc/time.c", "time.c", nil),
        ("/a/Sources/main.swift", "Sources/main.swift", nil),
    ])
    func `paths print from Sources or Tests on`(file: String, path: String, module: String?) {
        let frame = StackFrame(function: "f()", file: file, line: 1)
        #expect(frame.shortPath == path)
        #expect(frame.swiftModule == module)
    }

    @Test func `a frame without a name prints as a place in its image`() {
        #expect(StackFrame(module: "libcurl.so.4", offset: 0x1f).placeText == "libcurl.so.4+0x1f")
        #expect(StackFrame(address: 0xabc).placeText == "0xabc")
        #expect(Recorded.ingestBlocking.placeText == "IngestHandler.swift:80 ingestBlocking")
        #expect(StackFrame(function: "closure #1 in f(_:)").nameText == "closure #1 in f")
        #expect(StackFrame(function: "(anonymous)").nameText == "(anonymous)")
    }
}
