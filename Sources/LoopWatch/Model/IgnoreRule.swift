/// A frame that excuses a block: one whose every sample holds a matching call is counted, not reported.
public enum IgnoreRule: Sendable, Hashable, Codable {
    /// A function: its exact demangled name, or that name up to the parenthesis.
    case symbol(String)
    /// Files: the start of a path, from `Sources/` or `Tests/` on or in full.
    case file(String)
    /// An image such as `libcurl.so.4`, or a Swift module.
    case module(String)
}
