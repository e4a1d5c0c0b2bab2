import BenchReport
import Foundation
import Testing

struct PaletteTests {
    private static let texts: [ColorRole] =
        [.text, .muted, .better, .worse, .unchanged] + (0..<4).map { .target($0) }

    @Test(arguments: ["light", "dark"], texts)
    func `texts stand out from the background by 4,5 to 1`(scheme: String, role: ColorRole) {
        let palette = scheme == "light" ? Palette.light : .dark
        #expect(contrast(palette.color(role), palette.color(.background)) >= 4.5)
    }

    @Test(arguments: ["light", "dark"])
    func `cautions stand out from their box by 4,5 to 1`(scheme: String) {
        let palette = scheme == "light" ? Palette.light : .dark
        #expect(contrast(palette.color(.cautionText), palette.color(.cautionFill)) >= 4.5)
    }

    @Test(arguments: ["light", "dark"], ["protanopia", "deuteranopia"])
    func `any two targets stay apart for the red-green blind`(scheme: String, blindness: String) {
        let palette = scheme == "light" ? Palette.light : .dark
        let seen = (0..<4).map { lab(simulated(palette.color(.target($0)), blindness)) }
        for (index, first) in seen.enumerated() {
            for second in seen.dropFirst(index + 1) {
                let distance = zip(first, second).map { ($0 - $1) * ($0 - $1) }.reduce(0, +).squareRoot()
                #expect(distance >= 30)
            }
        }
    }

    @Test func `a colour mixes with what lies below it`() {
        #expect(RGB(0xFF0000).mixed(over: RGB(0x0000FF), share: 0.6).hex == "#990066")
    }

    /// WCAG 2.1, "contrast ratio".
    private func contrast(_ first: RGB, _ second: RGB) -> Double {
        let luminances = [first, second].map { color in
            zip(linear(color), [0.2126, 0.7152, 0.0722]).map { $0 * $1 }.reduce(0, +)
        }
        return ((luminances.max() ?? 0) + 0.05) / ((luminances.min() ?? 0) + 0.05)
    }

    /// IEC 61966-2-1.
    private func linear(_ color: RGB) -> [Double] {
        [color.red, color.green, color.blue].map { part in
            let value = Double(part) / 255
            return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
        }
    }

    /// Machado, Oliveira, Fernandes, "A Physiologically-based Model for Simulation of Color Vision Deficiency",
    /// 2009, severity 1.
    private func simulated(_ color: RGB, _ blindness: String) -> [Double] {
        let matrix =
            blindness == "protanopia"
            ? [
                [0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
                [-0.003882, -0.048116, 1.051998],
            ]
            : [
                [0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
                [-0.011820, 0.042940, 0.968881],
            ]
        return matrix.map { row in zip(row, linear(color)).map { $0 * $1 }.reduce(0, +) }
    }

    /// CIE 1976 L*a*b* under D65.
    private func lab(_ linear: [Double]) -> [Double] {
        let rows = [
            [0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750],
            [0.0193339, 0.1191920, 0.9503041],
        ]
        let scaled = zip(rows, [0.95047, 1, 1.08883]).map { row, white -> Double in
            let value = max(0, zip(row, linear).map { $0 * $1 }.reduce(0, +)) / white
            return value > 216.0 / 24389 ? cbrt(value) : (24389.0 / 27 * value + 16) / 116
        }
        return [116 * scaled[1] - 16, 500 * (scaled[0] - scaled[1]), 200 * (scaled[1] - scaled[2])]
    }
}
