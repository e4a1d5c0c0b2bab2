import Foundation
import LoopWatch
import Testing

@Suite struct SnapshotJSONTests {
    /// A block with a short stack.
    private static func smallBlock() -> LoopBlock {
        var block = Recorded.routeBlock(id: 17)
        block.samples = [
            StackSample(offset: .microseconds(10012), frames: [Recorded.usleep, Recorded.ingestBlocking])
        ]
        return block
    }

    @Test func `the document has the form that readers know`() {
        let golden = """
            {"schema":"loop-blocks/1","threshold_ns":10000000,"watched_for_ns":4120000000,\
            "methods":{"loops":"probe","pool":"probe","stacks":true,"cpu_split":true,"task_names":true,"notes":[]},\
            "traced":false,"dropped":0,"ignored":0,"next":17,\
            "loops":[{"name":"NIO-ELT-0-#1","busy_ns":210000000,"cpu_ns":149400000,"not_scheduled_ns":400000,\
            "blocked_ns":60500000,"longest_ns":60600000,"intervals":1}],\
            "blocks":[{"sequence":17,"interval":9,"part":1,"parts":1,"kind":"event_loop","loop":"NIO-ELT-0-#1",\
            "thread_id":4711,"start_ns":812345678901,"start_unix_ns":1795363200000000000,"threshold_ns":10000000,\
            "duration_ns":60600000,"cpu_ns":300000,"waiting_ns":60200000,"not_scheduled_ns":100000,\
            "verdict":"waiting","method":"probe","call":"clock_nanosleep","ongoing":false,"stack":0,\
            "samples":[{"offset_ns":10012000,"stack":0,"late":false}]}],\
            "stacks":[{"blame":"IngestHandler.swift:80 ingestBlocking","callee":"usleep","frames":[\
            {"function":"usleep","module":"libc.so.6","offset":"0xdd07c","kind":"call"},\
            {"function":"ingestBlocking(_:)","file":"Sources/IngestServer/IngestHandler.swift","line":80,\
            "column":3,"module":"ingest-bench","kind":"call","user":true}]}]}
            """
        #expect(Recorded.snapshot([Self.smallBlock()]).json() == golden)
    }

    @Test func `what isn't known is absent`() throws {
        var snapshot = Recorded.snapshot(Splitter.blocks(of: Recorded.interval(12), firstID: 1))
        snapshot.loops[0].split = .cpuOnly
        let document = try Self.object(snapshot.json())
        let block = try #require((document["blocks"] as? [[String: Any]])?.first)
        let absent = ["cpu_ns", "waiting_ns", "not_scheduled_ns", "verdict", "call", "task", "stack"]
        #expect(Set(block.keys).isDisjoint(with: absent))
        #expect(block["note"] as? String == "no stack was taken")
        let loop = try #require((document["loops"] as? [[String: Any]])?.first)
        #expect(loop["cpu_ns"] != nil && loop["not_scheduled_ns"] == nil)
    }

    @Test func `equal stacks stand once`() throws {
        let blocks = [Recorded.routeBlock(id: 1), Self.smallBlock(), Recorded.routeBlock(id: 18)]
        let document = try Self.object(Recorded.snapshot(blocks).json())
        #expect((document["stacks"] as? [Any])?.count == 2)
        let indices = (document["blocks"] as? [[String: Any]])?.map { $0["stack"] as? Int }
        #expect(indices == [0, 1, 0])
    }

    @Test func `the long form says the same as the short one`() throws {
        let snapshot = Recorded.snapshot([Recorded.routeBlock()])
        let (short, long) = (try Self.object(snapshot.json()), try Self.object(snapshot.json(pretty: true)))
        #expect(NSDictionary(dictionary: short) == NSDictionary(dictionary: long))
        #expect(
            snapshot.json(pretty: true).hasPrefix("{\n  \"schema\": \"loop-blocks/1\",\n  \"threshold_ns\": ")
        )
    }

    @Test(arguments: ["\"", "\\", "\r\n", "\t", "\u{0}", "\u{7F}", "ü → 🧵", "\u{2028}", "e\u{301}"])
    func `any text comes back`(text: String) throws {
        var snapshot = Recorded.snapshot([])
        snapshot.methods.notes = [text]
        let methods = try Self.object(snapshot.json())["methods"] as? [String: Any]
        let notes = methods?["notes"] as? [String]
        #expect(notes?.first.map { Array($0.utf8) } == Array(text.utf8))
    }

    @Test(arguments: 0..<50)
    func `any snapshot is JSON, and the same bytes each time`(seed: UInt64) throws {
        var generator = SeededGenerator(state: seed)
        let blocks = (0..<5).flatMap { number in
            Splitter.blocks(of: RandomInterval.make(using: &generator), firstID: number * 20 + 1)
        }
        let snapshot = Recorded.snapshot(blocks)
        let document = try Self.object(snapshot.json())
        #expect((document["blocks"] as? [Any])?.count == blocks.count)
        #expect(document["next"] as? Int == blocks.last?.id)
        #expect(snapshot.json() == snapshot.json())
    }

    @Test func `a snapshot comes back from its own coding`() throws {
        let snapshot = Recorded.snapshot([Recorded.routeBlock()])
        let data = try JSONEncoder().encode(snapshot)
        #expect(try JSONDecoder().decode(Snapshot.self, from: data) == snapshot)
    }

    private static func object(_ text: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }
}
