import BenchReport
import Testing

/// What is drawn where, to 0.01: a change of layout shows here, line by line.
struct ChartGoldenTests {
    @Test func `the summary is drawn as it was`() {
        difference(ChartSamples.summary(), summary)
    }

    @Test func `the waterfall is drawn as it was`() {
        difference(ChartSamples.waterfall, waterfall)
    }

    private func difference(_ chart: any Chart, _ golden: String) {
        let drawn = chart.displayList(measure: .fixedWidth).transcript.split(separator: "\n")
        let expected = golden.split(separator: "\n")
        for (line, was) in zip(drawn, expected) {
            #expect(line == was)
        }
        #expect(drawn.count == expected.count)
    }
    private let summary = """
        summary 800 × 700
        text 24,34.68 start 18 bold text: async vs blocking: throughput +28 %,
        text 24,58.68 start 18 bold text: p99 −22 % — but p50 +25 %
        text 24,80.64 start 14 muted: 100 uploads at once of a 945 kB PDF · 10 interleaved rounds per target
        text 24,100.64 start 14 muted: whiskers = 95 % CI
        rectangle 24,121 13×13 target-0 rising
        text 43,132.5 start 14 bold target-0: blocking (baseline)
        rectangle 249.71,121 13×13 target-1
        text 268.71,132.5 start 14 bold target-1: async
        text 24,169 start 14 bold text: Response time (s)
        text 24,186 start 12 muted: lower is better
        line 60,429 → 440,429 axis 1
        text 53,433.5 end 13 muted: 0
        line 60,376 → 440,376 grid 1
        text 53,380.5 end 13 muted: 1
        line 60,323 → 440,323 grid 1
        text 53,327.5 end 13 muted: 2
        line 60,270 → 440,270 grid 1
        text 53,274.5 end 13 muted: 3
        line 60,217 → 440,217 grid 1
        text 53,221.5 end 13 muted: 4
        rectangle 107,328.3 46×100.7 target-0 rising
        line 130,324.06 → 130,329.36 background 3.4
        line 124.1,324.06 → 135.9,324.06 background 3.4
        line 124.1,329.36 → 135.9,329.36 background 3.4
        line 130,324.06 → 130,329.36 text 1.6
        line 125,324.06 → 135,324.06 text 1.6
        line 125,329.36 → 135,329.36 text 1.6
        text 130,319.06 middle 13 text halo: 1.90
        rectangle 157,301.27 46×127.73 target-1
        line 180,300.74 → 180,304.45 background 3.4
        line 174.1,300.74 → 185.9,300.74 background 3.4
        line 174.1,304.45 → 185.9,304.45 background 3.4
        line 180,300.74 → 180,304.45 text 1.6
        line 175,300.74 → 185,300.74 text 1.6
        line 175,304.45 → 185,304.45 text 1.6
        text 180,295.74 middle 13 text halo: 2.41
        text 155,448 middle 13 text: p50
        rectangle 297,231.31 46×197.69 target-0 rising
        line 320,224.42 → 320,234.49 background 3.4
        line 314.1,224.42 → 325.9,224.42 background 3.4
        line 314.1,234.49 → 325.9,234.49 background 3.4
        line 320,224.42 → 320,234.49 text 1.6
        line 315,224.42 → 325,224.42 text 1.6
        line 315,234.49 → 325,234.49 text 1.6
        text 320,219.42 middle 13 text halo: 3.73
        rectangle 347,272.12 46×156.88 target-1
        line 370,271.06 → 370,275.3 background 3.4
        line 364.1,271.06 → 375.9,271.06 background 3.4
        line 364.1,275.3 → 375.9,275.3 background 3.4
        line 370,271.06 → 370,275.3 text 1.6
        line 365,271.06 → 375,271.06 text 1.6
        line 365,275.3 → 375,275.3 text 1.6
        text 370,266.06 middle 13 text halo: 2.96
        text 345,448 middle 13 text: p99
        text 466,169 start 14 bold text: Throughput
        text 466,186 start 12 muted: higher is better
        line 502,429 → 608,429 axis 1
        text 495,433.5 end 13 muted: 0
        line 502,376 → 608,376 grid 1
        text 495,380.5 end 13 muted: 10
        line 502,323 → 608,323 grid 1
        text 495,327.5 end 13 muted: 20
        line 502,270 → 608,270 grid 1
        text 495,274.5 end 13 muted: 30
        line 502,217 → 608,217 grid 1
        text 495,221.5 end 13 muted: 40
        rectangle 507,288.55 46×140.45 target-0 rising
        line 530,284.31 → 530,292.79 background 3.4
        line 524.1,284.31 → 535.9,284.31 background 3.4
        line 524.1,292.79 → 535.9,292.79 background 3.4
        line 530,284.31 → 530,292.79 text 1.6
        line 525,284.31 → 535,284.31 text 1.6
        line 525,292.79 → 535,292.79 text 1.6
        text 530,279.31 middle 13 text halo: 26.5
        rectangle 557,250.39 46×178.61 target-1
        line 580,246.15 → 580,251.98 background 3.4
        line 574.1,246.15 → 585.9,246.15 background 3.4
        line 574.1,251.98 → 585.9,251.98 background 3.4
        line 580,246.15 → 580,251.98 text 1.6
        line 575,246.15 → 585,246.15 text 1.6
        line 575,251.98 → 585,251.98 text 1.6
        text 580,241.15 middle 13 text halo: 33.7
        text 555,448 middle 13 text: req/s
        text 634,169 start 14 bold text: Probe p99 (ms)
        text 634,186 start 12 muted: lower is better
        line 670,429 → 776,429 axis 1
        text 663,433.5 end 13 muted: 0
        line 670,386.6 → 776,386.6 grid 1
        text 663,391.1 end 13 muted: 100
        line 670,344.2 → 776,344.2 grid 1
        text 663,348.7 end 13 muted: 200
        line 670,301.8 → 776,301.8 grid 1
        text 663,306.3 end 13 muted: 300
        line 670,259.4 → 776,259.4 grid 1
        text 663,263.9 end 13 muted: 400
        line 670,217 → 776,217 grid 1
        text 663,221.5 end 13 muted: 500
        rectangle 675,275.51 46×153.49 target-0 rising
        line 698,256.01 → 698,293.32 background 3.4
        line 692.1,256.01 → 703.9,256.01 background 3.4
        line 692.1,293.32 → 703.9,293.32 background 3.4
        line 698,256.01 → 698,293.32 text 1.6
        line 693,256.01 → 703,256.01 text 1.6
        line 693,293.32 → 703,293.32 text 1.6
        text 698,251.01 middle 13 text halo: 362
        rectangle 725,424.91 46×4.09 target-1
        line 748,423.49 → 748,426.33 background 3.4
        line 742.1,423.49 → 753.9,423.49 background 3.4
        line 742.1,426.33 → 753.9,426.33 background 3.4
        line 748,423.49 → 748,426.33 text 1.6
        line 743,423.49 → 753,423.49 text 1.6
        line 743,426.33 → 753,426.33 text 1.6
        text 748,418.49 middle 13 text halo: 9.65
        text 723,448 middle 13 text: GET /health
        text 24,483 start 14 bold text: Change async vs blocking, paired by round, 95 % CI
        line 379.7,497 → 379.7,593 axis 2
        text 379.7,609 middle 12 muted: 0
        line 506.25,497 → 506.25,593 grid 1
        text 506.25,609 middle 12 muted: +50 %
        line 126.6,497 → 126.6,593 grid 1
        text 126.6,609 middle 12 muted: −100 %
        line 253.15,497 → 253.15,593 grid 1
        text 253.15,609 middle 12 muted: −50 %
        text 104.6,513.7 end 13 text: Throughput
        line 446.52,509 → 459.17,509 better 2.4
        line 446.52,504 → 446.52,514 better 2
        line 459.17,504 → 459.17,514 better 2
        text 648.64,513.7 end 12 muted: +26.4
        text 659.64,513.7 middle 12 muted: …
        text 707.84,513.7 end 12 muted: +31.4
        dot 451.58,509 4.4 circle better
        text 597.44,513.7 end 13 bold better: +28.4 %
        text 776,513.7 end 13 bold better: better
        text 104.6,537.7 end 13 text: p50
        line 438.67,533 → 451.32,533 worse 2.4
        line 438.67,528 → 438.67,538 worse 2
        line 451.32,528 → 451.32,538 worse 2
        text 648.64,537.7 end 12 muted: +23.3
        text 659.64,537.7 middle 12 muted: …
        text 707.84,537.7 end 12 muted: +28.3
        dot 443.73,533 4.4 square worse
        text 597.44,537.7 end 13 bold worse: +25.3 %
        text 776,537.7 end 13 bold worse: worse
        text 104.6,561.7 end 13 text: p99
        line 319.71,557 → 332.37,557 better 2.4
        line 319.71,552 → 319.71,562 better 2
        line 332.37,552 → 332.37,562 better 2
        text 648.64,561.7 end 12 muted: −23.7
        text 659.64,561.7 middle 12 muted: …
        text 707.84,561.7 end 12 muted: −18.7
        dot 324.78,557 4.4 circle better
        text 597.44,561.7 end 13 bold better: −21.7 %
        text 776,561.7 end 13 bold better: better
        text 104.6,585.7 end 13 text: Probe p99
        line 128.12,581 → 140.77,581 better 2.4
        line 128.12,576 → 128.12,586 better 2
        line 140.77,576 → 140.77,586 better 2
        text 648.64,585.7 end 12 muted: −99.4
        text 659.64,585.7 middle 12 muted: …
        text 707.84,585.7 end 12 muted: −94.4
        dot 133.18,581 4.4 circle better
        text 597.44,585.7 end 13 bold better: −97.4 %
        text 776,585.7 end 13 bold better: better
        text 24,634.62 start 12 muted: Percentiles are nearest-rank.
        line 24,652 → 776,652 grid 1
        text 24,669.99 start 11.5 muted: ingest-bench 0.1.0 · 2026-11-22 15:40 UTC · AMD EPYC × 2 cores · Linux 6.18
        text 24,685.99 start 11.5 muted: $ ingest-bench run sample.pdf 100
        """
    private let waterfall = """
        waterfall 800 × 325
        text 24,37.2 start 20 bold text: blocking serves one upload at a time; async overlaps 2
        text 24,60.64 start 14 muted: 4 uploads sent at t = 0 · round 3 of 10 · one row each · pale: waiting
        text 24,80.64 start 14 muted: dark: PDF work · mid: storage
        text 58,119 start 15 bold target-0: blocking
        text 404,119 end 13 muted: in service: mean 1.0, max 1
        text 58,137 start 13 text: first reply 0.50 s · last 2.00 s
        line 58,147 → 58,235 axis 1
        text 58,253 middle 13 muted: 0.0
        line 144.5,147 → 144.5,235 grid 1
        text 144.5,253 middle 13 muted: 0.5
        line 231,147 → 231,235 grid 1
        text 231,253 middle 13 muted: 1.0
        line 317.5,147 → 317.5,235 grid 1
        text 317.5,253 middle 13 muted: 1.5
        line 404,147 → 404,235 grid 1
        text 404,253 end 13 muted: 2.0 s
        text 51,162.5 end 13 muted: 1
        text 51,184.5 end 13 muted: 2
        text 51,206.5 end 13 muted: 3
        text 51,228.5 end 13 muted: 4
        rectangle 58,149.64 86.5×16.72 target-0-pale
        rectangle 58,171.64 173×16.72 target-0-pale
        rectangle 58,193.64 259.5×16.72 target-0-pale
        rectangle 58,215.64 346×16.72 target-0-pale
        rectangle 58,149.64 51.9×16.72 target-0
        rectangle 144.5,171.64 51.9×16.72 target-0
        rectangle 231,193.64 51.9×16.72 target-0
        rectangle 317.5,215.64 51.9×16.72 target-0
        rectangle 109.9,149.64 34.6×16.72 target-0-mid
        rectangle 196.4,171.64 34.6×16.72 target-0-mid
        rectangle 282.9,193.64 34.6×16.72 target-0-mid
        rectangle 369.4,215.64 34.6×16.72 target-0-mid
        line 404,143 → 404,235 text 1.2 dashed 4 3
        text 430,119 start 15 bold target-1: async
        text 776,119 end 13 muted: in service: mean 2.0, max 2
        text 430,137 start 13 text: first reply 0.60 s · last 1.20 s
        line 430,147 → 430,235 axis 1
        text 430,253 middle 13 muted: 0.0
        line 516.5,147 → 516.5,235 grid 1
        text 516.5,253 middle 13 muted: 0.5
        line 603,147 → 603,235 grid 1
        text 603,253 middle 13 muted: 1.0
        line 689.5,147 → 689.5,235 grid 1
        text 689.5,253 middle 13 muted: 1.5
        line 776,147 → 776,235 grid 1
        text 776,253 end 13 muted: 2.0 s
        rectangle 430,149.64 103.8×16.72 target-1-pale
        rectangle 430,171.64 103.8×16.72 target-1-pale
        rectangle 430,193.64 207.6×16.72 target-1-pale
        rectangle 430,215.64 207.6×16.72 target-1-pale
        rectangle 430,149.64 69.2×16.72 target-1
        rectangle 430,171.64 69.2×16.72 target-1
        rectangle 533.8,193.64 69.2×16.72 target-1
        rectangle 533.8,215.64 69.2×16.72 target-1
        rectangle 499.2,149.64 34.6×16.72 target-1-mid
        rectangle 499.2,171.64 34.6×16.72 target-1-mid
        rectangle 603,193.64 34.6×16.72 target-1-mid
        rectangle 603,215.64 34.6×16.72 target-1-mid
        line 637.6,143 → 637.6,235 text 1.2 dashed 4 3
        line 24,277 → 776,277 grid 1
        text 24,294.99 start 11.5 muted: ingest-bench 0.1.0 · 2026-11-22 15:40 UTC · AMD EPYC × 2 cores · Linux 6.18
        text 24,310.99 start 11.5 muted: $ ingest-bench run sample.pdf 100
        """
}
