/// One frame of a stack: where the thread was, or where it will go on.
public struct StackFrame: Sendable, Hashable, Codable {
    /// How a frame came into its stack.
    public enum Kind: String, Sendable, Hashable, Codable {
        /// The thread was in this function.
        case call
        /// The task will return to this function: it awaits the frames before it.
        case asyncCaller = "async_caller"
        /// The compiler put this function into the next frame.
        case inlined
    }

    /// The address of the instruction, 0 if unknown.
    public var address: UInt64
    /// The function's demangled name; `nil` if it has none, as in a stripped library.
    public var function: String?
    /// The source file's path as the compiler noted it.
    public var file: String?
    /// The image that holds the function, without its folder: `libc.so.6`.
    public var module: String?
    /// The line, from 1.
    public var line: Int?
    /// The column, from 1.
    public var column: Int?
    /// The address from the start of the image.
    public var offset: UInt64?
    /// How the frame came into its stack.
    public var kind: Kind
    /// Whether it can be blamed: it has a line, and belongs neither to a dependency nor to the toolchain.
    public var isUserCode: Bool
    /// Whether the function is LoopWatch's; known only where frames get their names.
    package var isOwn = false

    private enum CodingKeys: CodingKey {
        case address, function, file, module, line, column, offset, kind, isUserCode
    }

    /// Makes a frame.
    ///
    /// - Parameters:
    ///   - address: The address of the instruction.
    ///   - function: The demangled name.
    ///   - file: The source file's path.
    ///   - module: The image, without its folder.
    ///   - line: The line, from 1.
    ///   - column: The column, from 1.
    ///   - offset: The address from the start of the image.
    ///   - kind: How the frame came into its stack.
    ///   - isUserCode: Whether it can be blamed.
    public init(
        address: UInt64 = 0,
        function: String? = nil,
        file: String? = nil,
        module: String? = nil,
        line: Int? = nil,
        column: Int? = nil,
        offset: UInt64? = nil,
        kind: Kind = .call,
        isUserCode: Bool = false
    ) {
        self.address = address
        self.function = function
        self.file = file
        self.module = module
        self.line = line
        self.column = column
        self.offset = offset
        self.kind = kind
        self.isUserCode = isUserCode
    }
}
