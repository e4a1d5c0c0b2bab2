import Synchronization

/// Which names are looked at.
public struct NameFilter: Sendable, ExpressibleByStringLiteral {
    /// Every name, and what has none.
    public static let any = NameFilter { _ in true }

    private let test: @Sendable (String?) -> Bool

    private init(_ test: @escaping @Sendable (String?) -> Bool) {
        self.test = test
    }

    /// Looks at one name.
    ///
    /// - Parameter value: The name.
    public init(stringLiteral value: String) {
        self = .exactly(value)
    }

    /// Looks at one name.
    ///
    /// - Parameter name: The name.
    /// - Returns: The filter.
    public static func exactly(_ name: String) -> NameFilter {
        NameFilter { $0 == name }
    }

    /// Looks at what another filter leaves out.
    ///
    /// - Parameter filter: The other filter.
    /// - Returns: The filter.
    public static func not(_ filter: NameFilter) -> NameFilter {
        NameFilter { !filter.matches($0) }
    }

    /// Looks at the names in which a pattern is found.
    ///
    /// - Parameter pattern: The pattern, as `Regex` reads it.
    /// - Returns: The filter.
    /// - Throws: What `Regex` throws for a broken pattern.
    public static func matching(pattern: String) throws -> NameFilter {
        matching(try Regex(pattern))
    }

    /// Looks at the names in which an expression is found.
    ///
    /// - Parameter regex: The expression, which the filter keeps to itself.
    /// - Returns: The filter.
    public static func matching<Output>(_ regex: sending Regex<Output>) -> NameFilter {
        let search = Search(regex)
        return NameFilter { name in name.map(search.finds(in:)) ?? false }
    }

    /// Whether a name is looked at.
    ///
    /// - Parameter name: The name, `nil` for what has none.
    /// - Returns: Whether it is.
    public func matches(_ name: String?) -> Bool { test(name) }

    /// An expression that threads take turns with: `Regex` isn't `Sendable`.
    private final class Search<Output>: Sendable {
        private let regex: Mutex<Regex<Output>>

        init(_ regex: sending Regex<Output>) {
            self.regex = Mutex(regex)
        }

        func finds(in name: String) -> Bool {
            // Only a transformation of the user's can throw, and what it refuses isn't a match.
            regex.withLock { (try? $0.firstMatch(in: name)) != nil }
        }
    }
}
