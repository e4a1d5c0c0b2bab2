/// What gives addresses their names: the toolchain's symbolication, or the dynamic linker alone.
package protocol FrameResolver: Sendable {
    /// Whether ``places(of:in:)`` can tell files and lines.
    var givesPlaces: Bool { get }

    /// The functions at some addresses; cheap.
    ///
    /// - Parameter addresses: Addresses inside the instructions that are meant.
    /// - Returns: One name an address, in the same order.
    func names(of addresses: [UInt64]) -> [FrameName]

    /// The functions at one address with their lines; dear.
    ///
    /// - Parameters:
    ///   - address: An address inside the instruction that is meant.
    ///   - name: What ``names(of:)`` told of it.
    /// - Returns: The functions that were put into one another there, innermost first and the one that has the
    ///   code last, or this one alone; empty if nothing is known.
    func places(of address: UInt64, in name: FrameName) -> [FramePlace]
}

/// The function at an address, without its line.
package struct FrameName: Hashable, Sendable {
    /// The demangled name; `nil` if it has none.
    package var function: String?
    /// The name as the linker knows it.
    package var symbol: String?
    /// The image's path.
    package var image: String?
    /// The address from the start of the image.
    package var offset: UInt64?
    /// The function's first address; `nil` if it is unknown.
    package var start: UInt64?

    /// Makes a name.
    ///
    /// - Parameters:
    ///   - function: The demangled name.
    ///   - symbol: The name as the linker knows it.
    ///   - image: The image's path.
    ///   - offset: The address from the start of the image.
    ///   - start: The function's first address.
    package init(
        function: String? = nil,
        symbol: String? = nil,
        image: String? = nil,
        offset: UInt64? = nil,
        start: UInt64? = nil
    ) {
        self.function = function
        self.symbol = symbol
        self.image = image
        self.offset = offset
        self.start = start
    }
}

/// A function at an address with its place in the source.
package struct FramePlace: Hashable, Sendable {
    /// The demangled name; `nil` if it has none.
    package var function: String?
    /// The file's path as the compiler noted it.
    package var file: String?
    /// The line; 0 in code that the compiler added.
    package var line: Int
    /// The column; 0 if unknown.
    package var column: Int

    /// Makes a place.
    ///
    /// - Parameters:
    ///   - function: The demangled name.
    ///   - file: The file's path.
    ///   - line: The line.
    ///   - column: The column.
    package init(function: String?, file: String?, line: Int, column: Int) {
        self.function = function
        self.file = file
        self.line = line
        self.column = column
    }
}
