/// What gives addresses their names: the toolchain's symbolication, or the dynamic linker alone.
protocol FrameResolver: Sendable {
    /// Whether ``places(of:)`` can tell files and lines.
    var givesPlaces: Bool { get }

    /// The functions at some addresses; cheap.
    ///
    /// - Parameter addresses: Addresses inside the instructions that are meant.
    /// - Returns: One name an address, in the same order.
    func names(of addresses: [UInt64]) -> [FrameName]

    /// The functions at one address with their lines; dear.
    ///
    /// - Parameter address: An address inside the instruction that is meant.
    /// - Returns: The functions that were put into one another there, innermost first and the one that has the
    ///   code last; empty if nothing is known.
    func places(of address: UInt64) -> [FramePlace]
}

/// The function at an address, without its line.
struct FrameName: Hashable, Sendable {
    /// The demangled name; `nil` if it has none.
    var function: String?
    /// The name as the linker knows it.
    var symbol: String?
    /// The image's path.
    var image: String?
    /// The address from the start of the image.
    var offset: UInt64?
}

/// A function at an address with its place in the source.
struct FramePlace: Hashable, Sendable {
    /// The demangled name; `nil` if it has none.
    var function: String?
    /// The file's path as the compiler noted it.
    var file: String?
    /// The line; 0 in code that the compiler added.
    var line: Int
    /// The column; 0 if unknown.
    var column: Int
}
