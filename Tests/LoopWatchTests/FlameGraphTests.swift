import Foundation
import LoopWatch
import Testing

#if canImport(FoundationXML)
import FoundationXML
#endif

@Suite struct FlameGraphTests {
    private static func block(_ milliseconds: Int, _ stacks: [[StackFrame]], id: Int = 1) -> LoopBlock {
        var block = Recorded.routeBlock(id: id)
        block.duration = .milliseconds(milliseconds)
        block.cpu = .zero
        block.notScheduled = .zero
        block.waiting = block.duration
        let step = milliseconds / (stacks.count + 1)
        block.samples = stacks.enumerated().map { index, frames in
            StackSample(offset: .milliseconds(step * (index + 1)), frames: frames)
        }
        return block
    }

    @Test func `folded stacks run from the loop to the innermost frame, with microseconds`() {
        var late = Self.block(30, [Recorded.stack("a")])
        late.samples.append(StackSample(offset: .milliseconds(29), frames: Recorded.stack("z"), isLate: true))
        let blocks = [
            late, Self.block(40, [Recorded.stack("b"), Recorded.stack("c;d e", calling: nil)]),
            Self.block(10, []), Self.block(20, [[Recorded.usleep, Recorded.handleRequest]]),
        ]
        #expect(
            FoldedStacks.text(of: blocks) == """
                NIO-ELT-0-#1;(no_stack) 10000
                NIO-ELT-0-#1;a();usleep 30000
                NIO-ELT-0-#1;b();usleep 19500
                NIO-ELT-0-#1;c,d_e() 20500
                NIO-ELT-0-#1;handleRequest(_:_:)_[a];usleep 20000

                """
        )
    }

    @Test(arguments: 0..<50)
    func `the weights add up to the blocked time`(seed: UInt64) {
        var generator = SeededGenerator(state: seed)
        let blocks = Splitter.blocks(of: RandomInterval.make(using: &generator), firstID: 1)
        let weights = WeightedStack.stacks(of: blocks)
        #expect(weights.allSatisfy { $0.nanoseconds >= 0 })
        let blocked = blocks.reduce(0) { $0 + $1.blocked.wholeNanoseconds }
        #expect(weights.reduce(0) { $0 + $1.nanoseconds } == blocked)
        #expect(FlameTree(blocks).root.nanoseconds == blocked)
    }

    @Test func `frames under 0.1 % are put together`() {
        let blocks = [
            Self.block(100_000, [Recorded.stack("a", calling: nil)]),
            Self.block(50, [Recorded.stack("b", calling: nil)]),
            Self.block(50, [Recorded.stack("c", calling: nil)]),
        ]
        let names = FlameTree(blocks).root.children.flatMap(\.children).map(\.name)
        #expect(names == ["a()", "2 small frames"])
    }

    @Test func `the drawing is the one that is known`() {
        let frames = [
            Recorded.usleep, Recorded.user("wait<Int>()", "App/w.swift", line: 7, kind: .asyncCaller),
        ]
        let graph = FlameGraph(FlameTree([Self.block(40, [frames])]), title: "a & b", width: 220)
        #expect(graph.svg == Self.golden)
    }

    @Test(arguments: 0..<25)
    func `any drawing is XML, has no script, and the same bytes each time`(seed: UInt64) {
        var generator = SeededGenerator(state: seed)
        let blocks = (0..<4).flatMap { _ in
            Splitter.blocks(of: RandomInterval.make(using: &generator), firstID: 1)
        }
        let snapshot = Recorded.snapshot(blocks)
        let svg = snapshot.flameGraph(title: "<\"'&\u{1}>", width: 300)
        #expect(svg == snapshot.flameGraph(title: "<\"'&\u{1}>", width: 300))
        let parser = XMLParser(data: Data(svg.utf8))
        #expect(parser.parse(), "\(String(describing: parser.parserError))")
        #expect(!svg.contains("<script") && !svg.contains("<style") && !svg.contains("href"))
    }

    @Test func `a snapshot without blocks draws nothing blocked`() {
        let svg = Recorded.snapshot([]).flameGraph(title: "idle")
        #expect(svg.contains("width=\"1200\"") && svg.contains("0 ms blocked"))
        #expect(XMLParser(data: Data(svg.utf8)).parse())
    }

    @Test func `the user's frames are warm, others grey, and text on both can be read`() throws {
        let svg = Recorded.snapshot([Recorded.routeBlock()]).flameGraph(title: "route")
        let fills = Set(svg.matches(of: /height="15" fill="#([0-9a-f]{6})"/).map { String($0.1) })
        #expect(fills.count >= 2)
        for fill in fills {
            let color = try #require(UInt32(fill, radix: 16))
            #expect(Self.contrast(color, 0x1a1a1a) >= 7)
        }
        let user = svg.split(separator: "\n").filter { $0.contains("ingestBlocking") }
        #expect(user.count == 1 && user[0].contains("fill=\"#ff"))
    }

    /// The contrast of two colours as WCAG 2 defines it.
    private static func contrast(_ first: UInt32, _ second: UInt32) -> Double {
        func luminance(_ color: UInt32) -> Double {
            let parts = [16, 8, 0].map { shift -> Double in
                let value = Double((color >> UInt32(shift)) & 255) / 255
                return value <= 0.03928 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
            }
            return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
        }
        let (light, dark) = (luminance(first), luminance(second))
        return (max(light, dark) + 0.05) / (min(light, dark) + 0.05)
    }

    private static let golden = """
        <svg xmlns="http://www.w3.org/2000/svg" width="220" height="128" viewBox="0 0 220 128" role="img" \
        font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="11" fill="#1a1a1a">
        <title>a &amp; b</title>
        <desc>40 ms blocked. Orange: your code. Grey: other code. Dashed: waits for the frame above it.</desc>
        <rect width="220" height="128" fill="#ffffff"/>
        <text x="10" y="20" font-size="14" font-weight="bold">a &amp; b</text>
        <text x="10" y="36" fill="#555555">40 ms blocked; orange: your c…</text>
        <g><title>all: 40 ms, 100.0 %</title><rect x="10" y="102" width="199.8" height="15" fill="#d9d9d9"/>\
        <text x="13" y="114">all</text></g>
        <g><title>NIO-ELT-0-#1: 40 ms, 100.0 %</title><rect x="10" y="86" width="199.8" height="15" fill="#d9d9d9"/>\
        <text x="13" y="98">NIO-ELT-0-#1</text></g>
        <g><title>wait&lt;Int&gt;() (Sources/App/w.swift:7): 40 ms, 100.0 %</title>\
        <rect x="10" y="70" width="199.8" height="15" fill="#ffbe7a" stroke="#7a3e00" stroke-dasharray="3 2"/>\
        <text x="13" y="82">wait&lt;Int&gt;()</text></g>
        <g><title>usleep: 40 ms, 100.0 %</title><rect x="10" y="54" width="199.8" height="15" fill="#d9d9d9"/>\
        <text x="13" y="66">usleep</text></g>
        </svg>

        """
}
