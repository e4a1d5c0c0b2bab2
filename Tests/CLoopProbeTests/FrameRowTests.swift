import Testing

#if os(Linux) && arch(x86_64)

/// What the interpreter reads of real libraries: of C by GCC, of the C library with its hand-written assembly, and
/// of Swift by LLVM.
@Suite(.enabled(if: FrameRows.canBeRead, "readelf of binutils is to compare with"))
struct FrameRowTests {
    @Test func `every instruction of a library has the rules that binutils read`() throws {
        let rows = try FrameRows(ofLibraryWith: "_Unwind_Backtrace")
        #expect(rows.rows.count > 500)
        var differences: [String] = []
        for row in rows.rows {
            for address in row.addresses {
                guard let difference = rows.difference(at: address, from: row) else { continue }
                differences.append("\(String(address, radix: 16)): \(difference)")
            }
        }
        #expect(differences.isEmpty, "\(differences.count): \(differences.prefix(5))")
    }

    /// Large libraries have millions of instructions, so the first and the last of each row stand for all.
    @Test(arguments: ["getenv", "swift_task_create"])
    func `the ends of every row of a large library are where binutils have them`(function: String) throws {
        let rows = try FrameRows(ofLibraryWith: function)
        #expect(rows.rows.count > 5000)
        var differences: [String] = []
        for row in rows.rows {
            for address in [row.addresses.lowerBound, row.addresses.upperBound - 1] {
                guard let difference = rows.difference(at: address, from: row) else { continue }
                differences.append("\(String(address, radix: 16)): \(difference)")
            }
        }
        #expect(differences.isEmpty, "\(differences.count): \(differences.prefix(5))")
    }
}

#endif
