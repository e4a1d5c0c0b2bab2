import BenchReport
import Measurements
import Testing

struct TextReportTests {
    private static let files = WrittenFiles(
        folder: "results/x",
        names: [
            "run.json", "summary.csv", "rounds.csv", "requests.csv.gz", "probes.csv.gz", "report.md",
            "charts/summary-light.png", "charts/summary-dark.png", "charts/summary.svg",
            "charts/waterfall.svg",
        ]
    )

    private func text(_ run: SampleRun, _ style: TerminalStyle = TerminalStyle()) -> String {
        TextReport(of: run.document(), style: style, checks: [], written: nil).text
    }

    @Test func `a run of two targets prints its whole story`() {
        let report = TextReport(
            of: SampleRun().document(),
            style: TerminalStyle(),
            checks: [],
            written: Self.files
        )
        #expect(report.text == Self.golden)
    }

    @Test func `colour adds nothing but escape sequences`() {
        let plain = text(SampleRun())
        let colored = text(SampleRun(), TerminalStyle(isColored: true))
        #expect(colored.contains("\u{1B}[34m▲ better\u{1B}[0m"))
        #expect(colored.contains("\u{1B}[33m▼ worse\u{1B}[0m"))
        #expect(colored.replacing(/\u{1B}\[[0-9]+m/, with: "") == plain)
    }

    @Test func `a suspect or partial run says so first`() {
        var run = SampleRun()
        run.validity = Validity(
            verdict: .suspect,
            reasons: ["the client was late (send lag p99 3.1 ms, limit 1.0 ms)"]
        )
        #expect(text(run).hasPrefix("SUSPECT: the client was late (send lag p99 3.1 ms, limit 1.0 ms)\n"))
        run.interrupted = "SIGINT"
        #expect(text(run).hasPrefix("PARTIAL: 10 of 10 blocks, interrupted by SIGINT\nSUSPECT: "))
    }

    @Test func `hostile names print no escape sequence and break no line`() {
        var run = SampleRun()
        run.fileName = "a\u{1B}[2J\nb\u{202E}.pdf"
        let report = text(run)
        #expect(report.contains("POST a?[2J?b?.pdf (945 kB)"))
        #expect(!report.contains("\u{1B}") && !report.contains("\u{202E}"))
    }

    @Test(
        arguments: [
            ([:], true, TerminalStyle.Color.auto, true), ([:], false, .auto, false),
            (["NO_COLOR": "1"], true, .auto, false),
            (["NO_COLOR": ""], true, .auto, true), (["TERM": "dumb"], true, .auto, false),
            (["CLICOLOR_FORCE": "1"], false, .auto, true), (["CLICOLOR_FORCE": "0"], false, .auto, false),
            (["CLICOLOR_FORCE": "1"], true, .never, false), (["NO_COLOR": "1"], false, .always, true),
        ] as [([String: String], Bool, TerminalStyle.Color, Bool)]
    )
    func `colour follows the flag, then the environment, then the terminal`(
        _ environment: [String: String],
        _ isTerminal: Bool,
        _ color: TerminalStyle.Color,
        _ isColored: Bool
    ) {
        let style = TerminalStyle(
            environment: environment,
            isTerminal: isTerminal,
            columns: nil,
            color: color
        )
        #expect(style.isColored == isColored)
    }

    @Test func `width comes from the terminal, else from COLUMNS, else it is 80`() {
        func width(_ environment: [String: String], _ columns: Int?) -> Int {
            TerminalStyle(environment: environment, isTerminal: true, columns: columns, color: .auto).width
        }
        #expect(width(["COLUMNS": "100"], 70) == 70)
        #expect(width(["COLUMNS": "100"], nil) == 100)
        #expect(width([:], nil) == 80)
        #expect(width(["COLUMNS": "x"], nil) == 80)
        #expect(width([:], 10) == 40)
        #expect(width(["COLUMNS": "0"], nil) == 80)
    }

    @Test(arguments: [("C.UTF-8", true), ("en_GB.utf8", true), ("C", false), ("POSIX", false), ("", true)])
    func `signs beyond ASCII need a locale that has them`(_ locale: String, _ isUnicode: Bool) {
        let style = TerminalStyle(
            environment: ["LC_ALL": locale],
            isTerminal: true,
            columns: nil,
            color: .auto
        )
        #expect(style.isUnicode == isUnicode)
    }

    private static let golden = """
        VALID · ingest-bench 0.1.0 · blocking (baseline) vs async  2026-11-22 15:40 UTC
        POST sample.pdf (945 kB) · burst of 100 · 10 interleaved rounds · seed 42

                          blocking    async       change   95 % CI
        Throughput req/s  27.0 ±0.4   33.4 ±0.6   +23.4 %  +22.1 … +24.3  ▲ better
        p50 s             1.85 ±0.03  2.40 ±0.03  +29.7 %  +28.7 … +30.6  ▼ worse
        p90 s             3.34 ±0.05  2.88 ±0.04  −13.5 %  −14.5 … −13.1  ▲ better
        p95 s             3.52 ±0.04  2.93 ±0.04  −16.5 %  −17.0 … −15.6  ▲ better
        p99 s             3.67 ±0.05  2.99 ±0.04  −18.4 %  −19.1 … −17.7  ▲ better
        max s             3.71 ±0.05  3.00 ±0.06  −19.0 %  −19.6 … −18.1  ▲ better
        Errors            0 of 1000   0 of 1000
        Probe p50 ms      185 ±9      4.58 ±0.33  −97.6 %  −97.7 … −97.4  ▲ better
        Probe p99 ms      368 ±7      8.43 ±0.04  −97.7 %  −97.7 … −97.7  ▲ better
        Probe max ms      370 ±4      8.48 ±0.04  −97.7 %  −97.7 … −97.7  ▲ better
        Change is the Hodges-Lehmann estimate over paired rounds, not the ratio of the
        two medians. Percentiles are nearest-rank.

        Response time by percentile  ■ blocking  ● async            0 s ─────────── 4 s
          p10     ■───────────●                  async slower
          p50                ■────●              async slower
          p70                      ●             async slower
          p90                        ●───■       async faster
          p99                         ●────■     async faster

        VERDICT  async serves 23 % more uploads per second, but its median upload waits
                 30 % longer: replies start at 1.81 s instead of 0.04 s. While uploads
                 ran, GET /health took 8.43 ms (p99) instead of 368 ms.

        Warnings
          ! Burst load: p99 and max follow from throughput (last reply ≈ N ÷ req/s), so
            they are not separate wins.
          ! p99 of one 100-upload round rests on its 2 slowest; by itself its upper
            bound is open below 368 uploads. It is judged across rounds instead.
        Checks   1 warm-up round dropped · noise floor ±1 % (assumed; --aa measures it)
                 0 connections opened after go · all sent within 4.30 ms · 100 in flight
                 client 5 % of a core, same host · steal 0.2 % · 0 blocks repeated

        Wrote  results/x/
               run.json  summary.csv  rounds.csv  requests.csv.gz  probes.csv.gz
               report.md
               charts/  summary  waterfall  (.png .svg)

        """
}
