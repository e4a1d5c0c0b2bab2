/// How often something took how long.
package struct Histogram: Sendable, Equatable {
    /// The upper ends of the classes, in seconds; one more class has no end.
    package static let bounds = [
        0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
    ]

    /// How many fell into each class.
    package private(set) var counts = [Int](repeating: 0, count: bounds.count + 1)
    /// All of them together, in seconds.
    package private(set) var sum = 0.0

    /// How many there were.
    package var count: Int { counts.reduce(0, +) }

    /// Counts one.
    ///
    /// - Parameter seconds: How long it took.
    mutating func add(_ seconds: Double) {
        counts[Self.bounds.firstIndex { seconds <= $0 } ?? Self.bounds.count] += 1
        sum += seconds
    }
}
