/// What a colour is for; a palette says which colour that is.
package enum ColorRole: Sendable, Hashable {
    case background, text, muted, grid, axis
    case better, worse, unchanged
    case cautionFill, cautionText
    /// A target, by its place; the baseline's is 0.
    case target(Int)
    /// The second stage of a target's work: 60 % of its colour.
    case targetMid(Int)
    /// A target waiting: 30 % of its colour.
    case targetPale(Int)
    /// What lies behind a target's data: 16 % of its colour.
    case targetFaint(Int)

    /// The name of the role in a style sheet.
    package var name: String {
        switch self {
        case .background: "background"
        case .text: "text"
        case .muted: "muted"
        case .grid: "grid"
        case .axis: "axis"
        case .better: "better"
        case .worse: "worse"
        case .unchanged: "unchanged"
        case .cautionFill: "caution-fill"
        case .cautionText: "caution-text"
        case .target(let index): "target-\(index % 4)"
        case .targetMid(let index): "target-\(index % 4)-mid"
        case .targetPale(let index): "target-\(index % 4)-pale"
        case .targetFaint(let index): "target-\(index % 4)-faint"
        }
    }
}

/// A colour in sRGB, 8 bits a part.
package struct RGB: Sendable, Hashable {
    package var red: UInt8
    package var green: UInt8
    package var blue: UInt8

    /// Makes a colour.
    ///
    /// - Parameter hex: The parts as 0xRRGGBB.
    package init(_ hex: UInt32) {
        red = UInt8(truncatingIfNeeded: hex >> 16)
        green = UInt8(truncatingIfNeeded: hex >> 8)
        blue = UInt8(truncatingIfNeeded: hex)
    }

    /// The colour as `#rrggbb`.
    package var hex: String {
        "#" + [red, green, blue].map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    /// Mixes two colours part by part.
    ///
    /// - Parameters:
    ///   - other: The colour underneath.
    ///   - share: How much of this colour covers it, 0…1.
    /// - Returns: The opaque mixture.
    package func mixed(over other: RGB, share: Double) -> RGB {
        func mix(_ upper: UInt8, _ lower: UInt8) -> UInt8 {
            UInt8((Double(upper) * share + Double(lower) * (1 - share)).rounded())
        }
        var mixture = self
        mixture.red = mix(red, other.red)
        mixture.green = mix(green, other.green)
        mixture.blue = mix(blue, other.blue)
        return mixture
    }
}

/// The colours of one scheme.
///
/// Targets stay apart by ΔE ≥ 30 under simulated red-green blindness, texts reach 4.5 : 1 (WCAG 2, 1.4.3).
package struct Palette: Sendable {
    /// The scheme's name, which files carry.
    package let name: String
    private let background: RGB
    private let text: RGB
    private let muted: RGB
    private let grid: RGB
    private let axis: RGB
    private let unchanged: RGB
    private let cautionFill: RGB
    private let cautionText: RGB
    private let targets: [RGB]

    /// For white pages.
    package static let light = Palette(
        name: "light",
        background: RGB(0xFFFFFF),
        text: RGB(0x1F2328),
        muted: RGB(0x59636E),
        grid: RGB(0xD1D9E0),
        axis: RGB(0x818B98),
        unchanged: RGB(0x6E7781),
        cautionFill: RGB(0xFFF8C5),
        cautionText: RGB(0x7D4E00),
        targets: [RGB(0xC2410C), RGB(0x0969B2), RGB(0x3B1054), RGB(0x2F7F6F)]
    )

    /// For black pages.
    package static let dark = Palette(
        name: "dark",
        background: RGB(0x0D1117),
        text: RGB(0xF0F6FC),
        muted: RGB(0x9198A1),
        grid: RGB(0x2B323B),
        axis: RGB(0x656C76),
        unchanged: RGB(0x9198A1),
        cautionFill: RGB(0x2E2A16),
        cautionText: RGB(0xE3C06A),
        targets: [RGB(0xF0883E), RGB(0x58A6FF), RGB(0xF3E8FF), RGB(0x2B9479)]
    )

    /// Looks a colour up.
    ///
    /// - Parameter role: What the colour is for.
    /// - Returns: The colour; better and worse are the colours of the first two targets, blue and orange.
    package func color(_ role: ColorRole) -> RGB {
        switch role {
        case .background: background
        case .text: text
        case .muted: muted
        case .grid: grid
        case .axis: axis
        case .better: targets[1]
        case .worse: targets[0]
        case .unchanged: unchanged
        case .cautionFill: cautionFill
        case .cautionText: cautionText
        case .target(let index): targets[index % targets.count]
        case .targetMid(let index): targets[index % targets.count].mixed(over: background, share: 0.6)
        case .targetPale(let index): targets[index % targets.count].mixed(over: background, share: 0.3)
        case .targetFaint(let index): targets[index % targets.count].mixed(over: background, share: 0.16)
        }
    }
}
