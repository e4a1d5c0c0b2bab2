import Cairo
import Foundation
import Glibc
import Testing

struct FontTests {
    private let chartCharacters = "A − – — µ × ÷ ≈ ≥ ± … ·"

    @Test(arguments: [Font.Weight.regular, .bold])
    func `DejaVu Sans is found, scalable, and has the characters of the charts`(weight: Font.Weight) throws {
        let font = try Font(family: "DejaVu Sans", weight: weight)
        let isScalable = font.isScalable
        let family = font.familyFound
        let covers = try font.covers(chartCharacters)
        #expect(isScalable)
        #expect(family == "DejaVu Sans")
        #expect(covers)
    }

    @Test func `a character that the font lacks is noticed`() throws {
        let font = try Font(family: "DejaVu Sans", weight: .regular)
        let covers = try font.covers("漢")
        #expect(!covers)
    }

    @Test func `a text set twice as large is twice as wide`() throws {
        let font = try Font(family: "DejaVu Sans", weight: .regular)
        let small = font.advance(of: "throughput +28 %", size: 13)
        let large = font.advance(of: "throughput +28 %", size: 26)
        #expect(small > 50)
        #expect(abs(large - 2 * small) < 1e-9)
    }

    @Test func `bold is wider than regular`() throws {
        let regular = try Font(family: "DejaVu Sans", weight: .regular)
        let bold = try Font(family: "DejaVu Sans", weight: .bold)
        let widths = (regular.advance(of: "async", size: 13), bold.advance(of: "async", size: 13))
        #expect(widths.0 < widths.1)
    }

    /// Cairo reports success on a machine without fonts and draws boxes; only the font's type tells.
    @Test func `on a machine without fonts no font is scalable`() async {
        await #expect(processExitsWith: .exitCode(42)) {
            // Fontconfig falls back on its defaults unless the file is a configuration.
            let path = "/tmp/no-fonts-\(getpid()).conf"
            try Data("<fontconfig></fontconfig>".utf8).write(to: URL(filePath: path))
            setenv("FONTCONFIG_FILE", path, 1)
            let font = try Font(family: "DejaVu Sans", weight: .regular)
            unlink(path)
            exit(!font.isScalable && font.familyFound == nil ? 42 : 1)
        }
    }

    @Test func `the errors say what to try`() {
        #expect(
            CairoError.noFont(family: "DejaVu Sans", found: nil).hint == "apt-get install fonts-dejavu-core"
        )
        #expect(
            CairoError.noFont(family: "DejaVu Sans", found: "Ahem").message
                == "Ahem, which stands in for DejaVu Sans, lacks characters of the charts"
        )
    }
}
