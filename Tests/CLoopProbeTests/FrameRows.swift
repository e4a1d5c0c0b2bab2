import CLoopProbe
import Foundation
import Testing

/// The rules of a loaded library, as binutils read them from its file.
///
/// The program is `readelf --debug-dump=frames-interp`.
struct FrameRows {
    /// The rules that hold from one instruction to another.
    struct Row {
        /// Where the description is in its section.
        let description: Int
        /// The addresses in the file.
        let addresses: Range<UInt64>
        /// The frame's address: `rsp+16`, or `exp`.
        let frame: String
        /// The callers' values by their registers: `c-16` is in memory, `u` is unknown.
        let registers: [(name: String, rule: String)]
    }

    private static let path = "/usr/bin/readelf"

    /// Whether the program is there.
    static var canBeRead: Bool { FileManager.default.isExecutableFile(atPath: path) }

    /// All rows of the section.
    private(set) var rows: [Row] = []
    /// The section in memory.
    let section: UnsafeRawBufferPointer
    /// What the file's addresses were moved by.
    let bias: UInt64

    /// Reads the rows of the library that has a function.
    ///
    /// - Parameter function: The function's name.
    /// - Throws: What the program or the library lacks.
    init(ofLibraryWith function: String) throws {
        let symbol = try #require(dlsym(nil, function))
        let found = try #require(DynamicSymbol.information(of: UInt64(UInt(bitPattern: symbol))))
        let file = String(cString: try #require(found.file))
        bias = UInt64(UInt(bitPattern: found.base))
        let headers = try Self.run(["--section-headers", "--wide", file])
        let line = try #require(headers.first { $0.contains(" .eh_frame ") })
        let words = try #require(line.split(separator: "]").last).split(separator: " ")
        let (address, size) = (
            try #require(UInt64(words[2], radix: 16)), try #require(Int(words[4], radix: 16))
        )
        section = UnsafeRawBufferPointer(
            start: UnsafeRawPointer(bitPattern: UInt(bias + address)),
            count: size
        )
        parse(try Self.run(["--wide", "--debug-dump=frames-interp", file]))
    }

    private static func run(_ arguments: [String]) throws -> [Substring] {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(filePath: path)
        process.arguments = arguments
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let bytes = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
    }

    /// What is known of a description or a common entry while its lines are read.
    private struct Entry {
        var description = 0
        var range: Range<UInt64>?
        var names: [Substring] = []
        var lines: [(address: UInt64, rules: [Substring])] = []
    }

    private mutating func parse(_ lines: [Substring]) {
        var common: [Substring: Entry] = [:]
        var entry = Entry()
        var commonNumber: Substring?
        for line in lines {
            let words = line.split(separator: " ")
            if words.contains("CIE") || words.contains("FDE") {
                entry = Entry(description: Int(words[0], radix: 16) ?? 0)
                entry.range = words.last.flatMap(Self.range)
                commonNumber = words.first { $0.hasPrefix("cie=") }?.dropFirst(4) ?? words[0]
            } else if words.first == "LOC" {
                entry.names = Array(words.dropFirst())
            } else if let first = words.first, let address = UInt64(first, radix: 16), !entry.names.isEmpty {
                // A register is told twice, as `r2 (rcx)`.
                entry.lines.append((address, words.dropFirst().filter { !$0.hasPrefix("(") }))
            } else if words.isEmpty, let number = commonNumber {
                if entry.range == nil {
                    common[number] = entry
                } else {
                    finish(entry, common[number])
                }
                commonNumber = nil
            }
        }
    }

    private static func range(_ text: Substring) -> Range<UInt64>? {
        guard text.hasPrefix("pc=") else { return nil }
        let ends = text.dropFirst(3).split(separator: ".").compactMap { UInt64($0, radix: 16) }
        return ends.count == 2 && ends[0] < ends[1] ? ends[0]..<ends[1] : nil
    }

    private mutating func finish(_ entry: Entry, _ common: Entry?) {
        guard let range = entry.range else { return }
        // A description without instructions of its own is not printed: the common entry's rules hold.
        let names = entry.lines.isEmpty ? common?.names ?? [] : entry.names
        let lines =
            entry.lines.isEmpty
            ? (common?.lines.last.map { [(range.lowerBound, $0.rules)] } ?? []) : entry.lines
        for (index, line) in lines.enumerated() {
            let end = index + 1 < lines.count ? lines[index + 1].0 : range.upperBound
            guard line.0 < end, let frame = line.1.first else { continue }
            let registers = zip(names.dropFirst(), line.1.dropFirst()).map { (String($0), String($1)) }
            rows.append(
                Row(
                    description: entry.description,
                    addresses: line.0..<end,
                    frame: String(frame),
                    registers: registers
                )
            )
        }
    }

    /// Compares what the unwinder reads of an address.
    ///
    /// - Parameters:
    ///   - address: The address in the file.
    ///   - row: What it should read.
    /// - Returns: What is different; nil if nothing is.
    func difference(at address: UInt64, from row: Row) -> String? {
        var read = lp_cfi_row()
        let start = section.bindMemory(to: UInt8.self).baseAddress
        guard lp_cfi_read(start, section.count, row.description, bias + address, &read) else {
            return "no rules"
        }
        guard Self.frame(of: read) == row.frame else { return "\(Self.frame(of: read)), not \(row.frame)" }
        for (name, rule) in row.registers {
            guard let column = Self.columns.firstIndex(of: name) else { continue }
            let found = Self.rule(of: read, column)
            // Binutils have one letter for registers that no instruction named and those that are lost.
            let rule = Self.renumbered(rule)
            let isSame = rule == "u" ? (name == "ra" ? ["u"] : ["s", "u"]).contains(found) : found == rule
            if !isSame { return "\(name) \(found), not \(rule)" }
        }
        return nil
    }

    /// The registers of x86-64 by their DWARF numbers.
    private static let columns = [
        "rax", "rdx", "rcx", "rbx", "rsi", "rdi", "rbp", "rsp", "r8", "r9", "r10", "r11", "r12", "r13", "r14",
        "r15", "ra",
    ]

    /// `rdx` for `r1`: a value that is kept in a register goes by the register's number.
    private static func renumbered(_ rule: String) -> String {
        guard rule.hasPrefix("r"), let number = Int(rule.dropFirst()), columns.indices.contains(number) else {
            return rule
        }
        return columns[number]
    }

    private static func frame(of row: lp_cfi_row) -> String {
        guard row.frame_register != LP_CFI_BY_EXPRESSION else { return "exp" }
        return "\(columns[Int(row.frame_register)])\(signed(row.frame_offset))"
    }

    private static func rule(of row: lp_cfi_row, _ column: Int) -> String {
        let rule = withUnsafeBytes(of: row.rules) { UInt32($0[column]) }
        let value = withUnsafeBytes(of: row.values) { $0.bindMemory(to: Int32.self)[column] }
        return switch lp_cfi_rule(rule) {
        case LP_CFI_SAME: "s"
        case LP_CFI_UNDEFINED: "u"
        case LP_CFI_AT_OFFSET: "c\(signed(value))"
        case LP_CFI_IS_OFFSET: "v\(signed(value))"
        case LP_CFI_AT_EXPRESSION: "exp"
        case LP_CFI_IS_EXPRESSION: "vexp"
        default: columns.indices.contains(Int(value)) ? columns[Int(value)] : "?"
        }
    }

    private static func signed(_ value: Int32) -> String { value < 0 ? "\(value)" : "+\(value)" }
}
