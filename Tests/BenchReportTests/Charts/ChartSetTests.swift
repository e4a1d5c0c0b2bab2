import BenchReport
import Foundation
import Glibc
import Measurements
import Testing

struct ChartSetTests {
    private static let names = ["summary", "waterfall", "percentiles", "shift", "timeline"]

    @Test func `each chart comes as PNG for both schemes, as one SVG and as PDF`() throws {
        let set = ChartSet(of: SampleRun().document(), digest: nil)
        let rendering = try set.render([.png, .svg, .pdf])
        #expect(
            rendering.files.map(\.path)
                == Self.names.flatMap { name in
                    ["-light.png", "-dark.png", ".pdf", ".svg"].map { "charts/\(name)\($0)" }
                }
        )
        #expect(rendering.warnings.isEmpty)
        #expect(try set.render([.svg]).files.map(\.path) == Self.names.map { "charts/\($0).svg" })
    }

    @Test func `the same run gives the same bytes`() throws {
        func files() throws -> [ChartSet.File] {
            try ChartSet(of: SampleRun(uploads: 20).document(), digest: "00ff").render([.png, .svg, .pdf])
                .files
        }
        #expect(try files() == files())
    }

    @Test func `the light and the dark picture differ in colour alone`() throws {
        let files = try ChartSet(of: SampleRun().document(), digest: nil).render([.png]).files
        let headers = files.prefix(2).map { Array($0.bytes.prefix(33)) }
        #expect(headers[0] == headers[1])
        #expect(files[0].bytes != files[1].bytes)
    }

    @Test func `a run without samples has no waterfall and says why`() {
        var document = SampleRun().document()
        for index in document.rounds.indices {
            document.rounds[index].record.samples = []
        }
        let set = ChartSet(of: document, digest: nil)
        #expect(set.charts.map(\.name) == ["summary"])
        #expect(
            set.checks == [
                "waterfall not drawn: run.json has no samples",
                "percentiles not drawn: run.json has no samples", "shift not drawn: run.json has no samples",
                "timeline not drawn: run.json has no samples",
            ]
        )
    }

    @Test func `a server that tells no stages is named under the checks`() {
        var run = SampleRun(rounds: 1)
        run.hasStages = false
        let set = ChartSet(of: run.document(), digest: nil)
        #expect(set.checks == ["waterfall without stages: run.json has no stage times"])
    }

    @Test func `an open loop has no waterfall, and none is missed`() {
        let set = ChartSet(of: SampleRun(mode: .open).document(), digest: nil)
        #expect(set.charts.map(\.name) == ["summary", "percentiles", "shift", "timeline"])
        #expect(set.checks.isEmpty)
    }

    @Test func `secrets of the command are in no file`() throws {
        let arguments = ["run", "sample.pdf", "-H", "Authorization: Bearer hunter2"]
        let set = ChartSet(of: SampleRun(arguments: arguments).document(), digest: nil)
        for file in try set.render([.png, .svg]).files {
            let text = String(decoding: file.bytes, as: UTF8.self)
            #expect(!text.contains("hunter2"))
            #expect(text.contains("Authorization: ***"))
        }
    }

    @Test func `a sweep over numbers in flight has a chart of its own`() {
        let document = SampleSweep.document([[10, 20, 20.5, 20.1], [10, 20, 40, 80]])
        let charts = ChartSet(of: document, digest: nil).charts
        #expect(charts.map(\.name) == ["summary", "waterfall", "percentiles", "shift", "timeline", "sweep"])
    }

    /// Boxes instead of letters would be drawn with status "success".
    @Test func `without fonts the SVG alone is drawn, and a warning says why`() async {
        await #expect(processExitsWith: .exitCode(42)) {
            // Fontconfig falls back on its defaults unless the file is a configuration.
            let path = "/tmp/no-fonts-\(getpid()).conf"
            try Data("<fontconfig></fontconfig>".utf8).write(to: URL(filePath: path))
            setenv("FONTCONFIG_FILE", path, 1)
            let names = ["summary", "waterfall", "percentiles", "shift", "timeline"]
            let rendering = try ChartSet(of: SampleRun().document(), digest: nil).render([.pdf, .png, .svg])
            let text = """
                no scalable font found: PNG and PDF were not drawn; apt-get install fonts-dejavu-core
                """
            let isRight =
                rendering.files.map(\.path) == names.map { "charts/\($0).svg" }
                && rendering.warnings.map(\.code) == [.noFont] && rendering.warnings.map(\.text) == [text]
                && ChartSet.fontWarning()?.text == text
            unlink(path)
            exit(isRight ? 42 : 1)
        }
    }
}
