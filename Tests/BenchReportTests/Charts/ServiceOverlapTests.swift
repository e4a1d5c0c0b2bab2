import BenchReport
import Testing

struct ServiceOverlapTests {
    @Test func `uploads served one after the other overlap by one`() {
        let overlap = ServiceOverlap(rows: rows([(0, 1), (1, 2), (2, 3)]))
        #expect(overlap.mean == 1)
        #expect(overlap.most == 1)
    }

    @Test func `uploads served at the same time are counted together`() {
        let overlap = ServiceOverlap(rows: rows([(0, 2), (0, 2), (1, 4)]))
        #expect(overlap.mean == 7.0 / 4)
        #expect(overlap.most == 3)
    }

    @Test func `an overlap of clocks' blur is none`() {
        let overlap = ServiceOverlap(rows: rows([(0, 1.002), (1, 2.001), (2, 3)]))
        #expect(overlap.most == 1)
    }

    @Test func `stages of one upload at the same time count once`() {
        let work = [WaterfallChart.Work(stage: 0, start: 0, end: 2), .init(stage: 1, start: 1, end: 3)]
        let overlap = ServiceOverlap(rows: [.init(sent: 0, done: 4, work: work, isOK: true)])
        #expect(overlap.mean == 0.75)
        #expect(overlap.most == 1)
    }

    @Test func `without uploads nothing is in service`() {
        let overlap = ServiceOverlap(rows: [])
        #expect(overlap.mean == 0)
        #expect(overlap.most == 0)
    }

    private func rows(_ spells: [(Double, Double)]) -> [WaterfallChart.Row] {
        spells.map { start, end in
            .init(sent: 0, done: end, work: [.init(stage: 0, start: start, end: end)], isOK: true)
        }
    }
}
