import BenchReport
import Foundation
import Glibc
import Measurements
import Testing

struct ChartSetTests {
    @Test func `each chart comes as PNG for both schemes and as one SVG`() throws {
        let set = ChartSet(of: SampleRun().document(), digest: nil)
        let rendering = try set.render([.png, .svg])
        #expect(
            rendering.files.map(\.path) == [
                "charts/summary-light.png", "charts/summary-dark.png", "charts/summary.svg",
                "charts/waterfall-light.png", "charts/waterfall-dark.png", "charts/waterfall.svg",
                "charts/timeline-light.png", "charts/timeline-dark.png", "charts/timeline.svg",
                "charts/shift-light.png", "charts/shift-dark.png", "charts/shift.svg",
            ]
        )
        #expect(rendering.warnings.isEmpty)
        #expect(
            try set.render([.svg]).files.map(\.path) == [
                "charts/summary.svg", "charts/waterfall.svg", "charts/timeline.svg", "charts/shift.svg",
            ]
        )
    }

    @Test func `the same run gives the same bytes`() throws {
        func files() throws -> [ChartSet.File] {
            try ChartSet(of: SampleRun(uploads: 20).document(), digest: "00ff").render([.png, .svg]).files
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
                "waterfall not drawn: run.json has no samples", "timeline not drawn: run.json has no samples",
                "shift not drawn: run.json has no samples",
            ]
        )
    }

    @Test func `an open loop has no waterfall, and none is missed`() {
        let set = ChartSet(of: SampleRun(mode: .open).document(), digest: nil)
        #expect(set.charts.map(\.name) == ["summary", "timeline", "shift"])
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

    /// Boxes instead of letters would be drawn with status "success".
    @Test func `without fonts the SVG alone is drawn, and a warning says why`() async {
        await #expect(processExitsWith: .exitCode(42)) {
            // Fontconfig falls back on its defaults unless the file is a configuration.
            let path = "/tmp/no-fonts-\(getpid()).conf"
            try Data("<fontconfig></fontconfig>".utf8).write(to: URL(filePath: path))
            setenv("FONTCONFIG_FILE", path, 1)
            let rendering = try ChartSet(of: SampleRun().document(), digest: nil).render([.png, .svg])
            let text = """
                no scalable font found: PNG and PDF were not drawn; apt-get install fonts-dejavu-core
                """
            let isRight =
                rendering.files.map(\.path) == [
                    "charts/summary.svg", "charts/waterfall.svg", "charts/timeline.svg", "charts/shift.svg",
                ]
                && rendering.warnings.map(\.code) == [.noFont] && rendering.warnings.map(\.text) == [text]
                && ChartSet.fontWarning()?.text == text
            unlink(path)
            exit(isRight ? 42 : 1)
        }
    }
}
