import LoopWatch
import Testing

@Suite struct NameFilterTests {
    @Test func `a literal matches one name in full`() {
        let filter: NameFilter = "worker-1"
        #expect(filter.matches("worker-1"))
        #expect(!filter.matches("worker-12"))
        #expect(!filter.matches(nil))
    }

    @Test func `an expression is searched for`() throws {
        #expect(NameFilter.matching(/worker-\d+/).matches("a worker-12 b"))
        #expect(!NameFilter.matching(/^worker$/).matches("worker-12"))
        #expect(try NameFilter.matching(pattern: "er-[0-9]").matches("worker-12"))
        #expect(!NameFilter.matching(/a/).matches(nil))
    }

    @Test func `a broken pattern throws where it is written`() {
        #expect(throws: (any Error).self) { try NameFilter.matching(pattern: "worker-[") }
    }

    @Test func `the opposite takes what has no name too`() {
        #expect(NameFilter.not("a").matches(nil))
        #expect(NameFilter.not("a").matches("b"))
        #expect(!NameFilter.not("a").matches("a"))
        #expect(!NameFilter.not(.any).matches(nil))
    }

    @Test func `cancelling a leaked task calls what was stored`() async {
        await confirmation { confirm in
            let task = LeakedTask(id: 1, name: nil, creationStack: [], currentStack: []) { confirm() }
            task.cancel()
        }
    }
}
