/// The HTTP statuses that count as success.
package struct ExpectedStatuses: Sendable, Codable, Equatable, CustomStringConvertible {
    /// The accepted ranges in the order written.
    package let ranges: [ClosedRange<Int>]

    /// 200 to 299.
    package static let successful = ExpectedStatuses(ranges: [200...299])

    private init(ranges: [ClosedRange<Int>]) {
        self.ranges = ranges
    }

    /// Reads a list such as `200-299,409`.
    ///
    /// - Parameter text: Codes and ranges of codes from 100 to 599, separated by commas.
    /// - Throws: ``PlanError/invalidStatuses(text:)``.
    package init(parsing text: String) throws(PlanError) {
        var ranges: [ClosedRange<Int>] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let ends = part.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
            guard (1...2).contains(ends.count), let first = ends.first, let last = ends.last, first <= last,
                first >= 100, last <= 599
            else { throw .invalidStatuses(text: text) }
            ranges.append(first...last)
        }
        self.init(ranges: ranges)
    }

    /// Whether a status counts as success.
    ///
    /// - Parameter status: The status.
    /// - Returns: Whether it does.
    package func contains(_ status: Int) -> Bool {
        ranges.contains { $0.contains(status) }
    }

    package var description: String {
        ranges.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }
            .joined(separator: ",")
    }
}
