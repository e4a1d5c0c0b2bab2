/// What is known of addresses, functions and whole stacks.
///
/// It is never cleared, since a program has only so many places, but it takes no more than its capacity: what
/// comes later is looked up each time.
struct FrameCache {
    /// What is known of an address.
    struct Entry: Sendable {
        /// The function.
        let name: FrameName
        /// The functions and lines at the address; `nil` until they have been looked up.
        var places: [FramePlace]?
    }

    /// A function, whatever the address in it.
    struct Function: Hashable {
        /// The image that has it.
        let image: String?
        /// Its name as the linker knows it.
        let symbol: String

        /// The Swift module that has it; `nil` for C, and for code made for one caller's types, which may hold the
        /// caller's lines.
        var module: Module? {
            guard symbol.hasPrefix("$s"), !Self.specialisations.contains(where: symbol.contains) else {
                return nil
            }
            let rest = symbol.dropFirst(2)
            let digits = rest.prefix(while: \.isNumber)
            guard let length = Int(digits), length > 0, rest.count >= digits.count + length else {
                return nil
            }
            return Module(image: image, name: String(rest.dropFirst(digits.count).prefix(length)))
        }

        /// How the names of specialised and merged functions go on.
        private static let specialisations = ["Tg", "TG", "Tf", "Tm", "Ts"]
    }

    /// A Swift module in an image: one whose first line is foreign is foreign altogether.
    struct Module: Hashable {
        let image: String?
        let name: String
    }

    private let capacity: Int
    private let stackCapacity: Int
    private var entries: [UInt64: Entry] = [:]
    private var foreign: Set<Function> = []
    private var foreignModules: Set<Module> = []
    private var stacks: [RawStack: [StackFrame]] = [:]

    /// Makes an empty cache.
    ///
    /// - Parameters:
    ///   - capacity: The most addresses.
    ///   - stackCapacity: The most stacks.
    init(capacity: Int, stackCapacity: Int) {
        self.capacity = capacity
        self.stackCapacity = stackCapacity
    }

    /// How many addresses are known.
    var count: Int { entries.count }

    /// The frames of a stack that was complete once.
    ///
    /// - Parameter stack: The stack.
    /// - Returns: The frames; `nil` if the stack is unknown.
    func frames(of stack: RawStack) -> [StackFrame]? { stacks[stack] }

    /// Keeps the frames of a stack.
    ///
    /// - Parameters:
    ///   - frames: The frames, complete with their lines.
    ///   - stack: The stack.
    mutating func keep(_ frames: [StackFrame], of stack: RawStack) {
        if stacks.count < stackCapacity { stacks[stack] = frames }
    }

    /// What is known of an address.
    ///
    /// - Parameter address: An address inside the instruction that is meant.
    /// - Returns: `nil` for a new one.
    func entry(at address: UInt64) -> Entry? { entries[address] }

    /// Keeps what was found at an address, and whether its function is foreign.
    ///
    /// - Parameters:
    ///   - entry: What was found.
    ///   - address: The address.
    mutating func keep(_ entry: Entry, at address: UInt64) {
        if let places = entry.places, let function = Self.function(of: entry.name), Self.areForeign(places) {
            foreign.insert(function)
            if let module = function.module { foreignModules.insert(module) }
        }
        guard entries.count < capacity || entries[address] != nil else { return }
        entries[address] = entry
    }

    /// Whether the lines at an address are worth their price: they aren't if all its function is foreign.
    ///
    /// - Parameter entry: What is known of the address.
    /// - Returns: True if they are still to be looked up.
    func needsPlaces(_ entry: Entry) -> Bool {
        guard entry.places == nil, let image = entry.name.image, !ImagePath(path: image).isForeign else {
            return false
        }
        guard let function = Self.function(of: entry.name), !foreign.contains(function) else { return false }
        return function.module.map { !foreignModules.contains($0) } ?? true
    }

    private static func function(of name: FrameName) -> Function? {
        name.symbol.map { Function(image: name.image, symbol: $0) }
    }

    /// Whether all lines are known and those of others; code that the compiler added says nothing.
    private static func areForeign(_ places: [FramePlace]) -> Bool {
        let paths = places.compactMap { $0.line > 0 ? $0.file.map(SourcePath.init) : nil }
            .filter { !$0.isCompilerGenerated }
        return !paths.isEmpty && paths.allSatisfy(\.isForeign)
    }
}
