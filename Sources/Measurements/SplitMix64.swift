/// The seeded generator behind every shuffle, arrival and simulation.
///
/// Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014. The same seed
/// gives the same order on every machine, so a run can be repeated.
package struct SplitMix64: RandomNumberGenerator, Sendable, Equatable {
    private var state: UInt64

    /// Makes a generator.
    ///
    /// - Parameter seed: Any number; equal seeds give equal sequences.
    package init(seed: UInt64) {
        state = seed
    }

    /// Draws the next number.
    ///
    /// - Returns: 64 uniform bits.
    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// Draws a number below a bound.
    ///
    /// The high half of the product, without rejection: the bias is below bound ÷ 2⁶⁴.
    ///
    /// - Parameter bound: One more than the largest number wanted.
    /// - Returns: A number from 0 up to, not including, `bound`; 0 for a bound of 0.
    package mutating func below(_ bound: UInt64) -> UInt64 {
        next().multipliedFullWidth(by: bound).high
    }

    /// Draws a fraction.
    ///
    /// - Returns: A multiple of 2⁻⁵³ from 0 up to, not including, 1.
    package mutating func unit() -> Double {
        Double(next() >> 11) * 0x1p-53
    }

    /// Puts elements into a random order (Fisher and Yates, from the end).
    ///
    /// - Parameter elements: What to shuffle.
    package mutating func shuffle<Element>(_ elements: inout [Element]) {
        for last in elements.indices.dropFirst().reversed() {
            elements.swapAt(last, Int(below(UInt64(last + 1))))
        }
    }
}
