/// Hills under a sky, drawn from random numbers.
///
/// Only additions, multiplications and divisions of doubles are used, which give the same bits everywhere.
struct SamplePDFScene {
    private let width: Int
    private let height: Int
    private let grain: Int
    private var random: SampleRandom
    private let skyTop: Color
    private let skyBottom: Color
    private let sun: (x: Double, y: Double, radius: Double)
    private let hills: [Hill]

    private typealias Color = SIMD3<Double>

    /// One row of hills: where its edge is, and its colour.
    private struct Hill {
        var edge: [Double]
        var color: SIMD3<Double>
    }

    /// Composes a scene.
    ///
    /// - Parameters:
    ///   - width: Width in pixels.
    ///   - height: Height in pixels.
    ///   - grain: How far noise may move a sample, of 255.
    ///   - random: Where shapes and colours come from.
    init(width: Int, height: Int, grain: Int, random: SampleRandom) {
        var random = random
        let warm = Color(235, 150 + 60 * random.unit(), 70 + 80 * random.unit())
        let cool = Color(40 + 60 * random.unit(), 90 + 70 * random.unit(), 170 + 60 * random.unit())
        let ground = Color(20 + 40 * random.unit(), 50 + 50 * random.unit(), 60 + 40 * random.unit())
        skyTop = cool
        skyBottom = warm
        let radius = Double(height) * (0.05 + 0.05 * random.unit())
        sun = (
            Double(width) * (0.2 + 0.6 * random.unit()), Double(height) * (0.2 + 0.3 * random.unit()), radius
        )
        let rows = 5
        hills = (0..<rows).map { row in
            let depth = Double(row + 1) / Double(rows)
            let base = Double(height) * (0.42 + 0.5 * depth)
            let edge = ridge(width: width, rise: Double(height) * 0.22, random: &random).map { base - $0 }
            return Hill(edge: edge, color: warm * (0.62 * (1 - depth)) + ground * (0.38 + 0.62 * depth))
        }
        (self.width, self.height, self.grain, self.random) = (width, height, grain, random)
    }

    /// The scene as red, green and blue bytes.
    mutating func rgb() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(width * height * 3)
        for y in 0..<height {
            for x in 0..<width {
                let color = color(x, y)
                let noise = noise()
                for part in 0..<3 { bytes.append(sample(color[part] + noise)) }
            }
        }
        return bytes
    }

    /// The scene's brightness, a byte a pixel.
    mutating func grey() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(width * height)
        for y in 0..<height {
            for x in 0..<width { bytes.append(sample(brightness(color(x, y)) + noise())) }
        }
        return bytes
    }

    /// 256 colours, red, green and blue, for the brightness of ``grey()`` to stand for.
    var palette: [UInt8] {
        let steps = [Color(18, 24, 48), skyTop, skyBottom, Color(255, 250, 235)]
        return (0..<256).flatMap { place in
            let share = Double(place) / 255 * Double(steps.count - 1)
            let step = min(Int(share), steps.count - 2)
            let part = share - Double(step)
            let color = steps[step] * (1 - part) + steps[step + 1] * part
            return (0..<3).map { sample(color[$0]) }
        }
    }

    private func color(_ x: Int, _ y: Int) -> Color {
        let edge = hills.lastIndex { Double(y) >= $0.edge[x] }
        if let edge {
            let below = (Double(y) - hills[edge].edge[x]) / Double(height)
            return hills[edge].color * (1 - below * 0.8)
        }
        let share = Double(y) / (Double(height) * 0.7)
        let sky = skyTop * (1 - share) + skyBottom * share
        let (dx, dy) = (Double(x) - sun.x, Double(y) - sun.y)
        let distance = (dx * dx + dy * dy) / (sun.radius * sun.radius)
        let glow = distance < 1 ? 1 : 1 / (1 + (distance - 1) * 0.35)
        return sky + (Color(255, 244, 214) - sky) * glow
    }

    private mutating func noise() -> Double {
        Double(random.below(grain * 2 + 1) - grain)
    }
}

/// Heights along a line: random ones, joined smoothly, with smaller ones on top.
private func ridge(width: Int, rise: Double, random: inout SampleRandom) -> [Double] {
    var heights = Array(repeating: 0.0, count: width)
    var (points, share) = (4, rise * 0.6)
    while points <= 64 {
        let lattice = (0...points + 1).map { _ in random.unit() }
        for x in 0..<width {
            let place = Double(x) * Double(points) / Double(width)
            let (left, part) = (Int(place), place - place.rounded(.down))
            let smooth = part * part * (3 - 2 * part)
            heights[x] += share * (lattice[left] * (1 - smooth) + lattice[left + 1] * smooth)
        }
        (points, share) = (points * 2, share * 0.45)
    }
    return heights
}

private func brightness(_ color: SIMD3<Double>) -> Double {
    color[0] * 0.299 + color[1] * 0.587 + color[2] * 0.114
}

private func sample(_ value: Double) -> UInt8 {
    UInt8(min(255, max(0, value.rounded())))
}
