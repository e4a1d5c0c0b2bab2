import CLoopProbe
import Testing

/// The interpreter of call frame information: what it reads of sound bytes, and that broken ones do no harm.
struct FrameInformationTests {
    /// The rules of an x86-64 function at 0x1000 that keeps its frame pointer.
    private static let x86 =
        entry([
            0, 0, 0, 0,  // a common entry
            1, UInt8(ascii: "z"), UInt8(ascii: "R"), 0,
            1, 0x78, 16,  // factors 1 and -8; column 16 is the return address
            1, 0,  // addresses are eight bytes as they are
            0x0c, 7, 8,  // the frame's address is the stack pointer + 8
            0x90, 1,  // the return address is at -8
        ])
        + entry([
            26, 0, 0, 0,  // how far back the common entry is
            0x00, 0x10, 0, 0, 0, 0, 0, 0,
            0x00, 0x01, 0, 0, 0, 0, 0, 0,
            0,
            0x41, 0x0e, 16, 0x86, 2,  // push of the frame pointer
            0x43, 0x0d, 6,  // it holds the frame's address now
            0x60, 0x0c, 7, 8,  // it is restored
        ])
    private static let x86Description = 22

    /// The rules of an arm64 function at 0x1000 that signs its return address.
    private static let arm64 =
        entry([
            0, 0, 0, 0,
            1, UInt8(ascii: "z"), UInt8(ascii: "R"), UInt8(ascii: "B"), 0,
            4, 0x78, 30,
            1, 0,
            0x0c, 31, 0,
        ])
        + entry([
            25, 0, 0, 0,
            0x00, 0x10, 0, 0, 0, 0, 0, 0,
            0x00, 0x01, 0, 0, 0, 0, 0, 0,
            0,
            0x41, 0x2d,  // signed
            0x41, 0x0e, 32, 0x9d, 4, 0x9e, 3,
        ])
    private static let arm64Description = 21

    private static func entry(_ bytes: [UInt8]) -> [UInt8] {
        withUnsafeBytes(of: UInt32(bytes.count).littleEndian) { Array($0) } + bytes
    }

    private func row(_ bytes: [UInt8], at offset: Int, for address: UInt64) -> lp_cfi_row? {
        var row = lp_cfi_row()
        return lp_cfi_read(bytes, bytes.count, offset, address, &row) ? row : nil
    }

    @Test func `each instruction has the rules that hold before it runs`() throws {
        let rows = try [0x1000, 0x1001, 0x1004, 0x1023, 0x1024, 0x10ff].map {
            try #require(row(Self.x86, at: Self.x86Description, for: $0))
        }
        #expect(rows.map(\.frame_register) == [7, 7, 6, 6, 7, 7])
        #expect(rows.map(\.frame_offset) == [8, 16, 16, 16, 8, 8])
        for row in rows {
            #expect(row.function_start == 0x1000)
            #expect(row.return_column == 16)
            #expect(row.rules.16 == UInt8(LP_CFI_AT_OFFSET.rawValue))
            #expect(row.values.16 == -8)
        }
        #expect(rows[0].rules.6 == UInt8(LP_CFI_SAME.rawValue))
        #expect(rows[1].rules.6 == UInt8(LP_CFI_AT_OFFSET.rawValue))
        #expect(rows[1].values.6 == -16)
    }

    @Test(arguments: [0, 0xfff, 0x1100, UInt64.max])
    func `an address outside of the function has no rules`(address: UInt64) {
        #expect(row(Self.x86, at: Self.x86Description, for: address) == nil)
    }

    @Test func `arm64's signed return addresses change no rule`() throws {
        let signed = try #require(row(Self.arm64, at: Self.arm64Description, for: 0x1004))
        #expect(signed.return_column == 30)
        #expect(signed.frame_register == 31)
        #expect(signed.frame_offset == 0)
        let saved = try #require(row(Self.arm64, at: Self.arm64Description, for: 0x1008))
        #expect(saved.frame_offset == 32)
        #expect(saved.values.29 == -32)
        #expect(saved.values.30 == -24)
    }

    /// The bytes end where the process has no memory: one byte read behind them ends the test run.
    @Test func `bytes that end too soon give no rules, wherever they end`() {
        for bytes in [Self.x86, Self.arm64] {
            for count in 0..<bytes.count {
                let guarded = GuardedBytes(Array(bytes.prefix(count)))
                for offset in 0...count {
                    var row = lp_cfi_row()
                    #expect(!lp_cfi_read(guarded.start, count, offset, 0x10ff, &row))
                }
            }
        }
    }

    @Test func `random changes never make the interpreter read outside or go on for ever`() {
        var generator = SeededGenerator(seed: 1)
        var readable = 0
        let guarded = GuardedBytes(Self.x86)
        for _ in 1...200_000 {
            var bytes = Self.x86
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                bytes[Int.random(in: 0..<bytes.count, using: &generator)] = .random(
                    in: 0...255,
                    using: &generator
                )
            }
            guarded.fill(bytes)
            var row = lp_cfi_row()
            let address = UInt64.random(in: 0xff0...0x1110, using: &generator)
            guard lp_cfi_read(guarded.start, bytes.count, Self.x86Description, address, &row) else {
                continue
            }
            readable += 1
            #expect(
                row.frame_register == LP_CFI_BY_EXPRESSION
                    || (0..<LP_CFI_COLUMNS).contains(row.frame_register)
            )
            #expect(Int32(row.return_column) < LP_CFI_COLUMNS)
        }
        // Else nothing but the first checks was tried.
        #expect(readable > 10_000)
    }

    @Test func `random instructions never make the interpreter read outside or go on for ever`() {
        var generator = SeededGenerator(seed: 2)
        var readable = 0
        let head = Array(Self.x86.prefix(Self.x86Description + 4 + 21))
        let guarded = GuardedBytes(head + [UInt8](repeating: 0, count: 64))
        for _ in 1...200_000 {
            let code = (0..<64).map { _ in UInt8.random(in: 0...255, using: &generator) }
            var bytes = head + code
            bytes[Self.x86Description] = UInt8(21 + 64)
            guarded.fill(bytes)
            var row = lp_cfi_row()
            // Soon behind the start, so that some programs come to an end there.
            if lp_cfi_read(guarded.start, bytes.count, Self.x86Description, 0x1004, &row) { readable += 1 }
        }
        #expect(readable > 1000)
    }

    @Test func `a description longer than any compiler writes is refused`() {
        let start = Self.x86Description
        let head = Self.x86[(start + 4)..<(start + 25)]
        func isReadable(_ count: Int) -> Bool {
            // Instructions that do nothing.
            let long = Self.entry(head + [UInt8](repeating: 0, count: count))
            return row(Self.x86.prefix(start) + long, at: start, for: 0x1000) != nil
        }
        #expect(isReadable(1000))
        #expect(!isReadable(5000))
    }

    @Test func `random expressions never read outside or go on for ever`() {
        var generator = SeededGenerator(seed: 3)
        let registers = [UInt64](repeating: 0x7fff_0000_0000, count: Int(LP_CFI_COLUMNS))
        var valued = 0
        let guarded = GuardedBytes([UInt8](repeating: 0, count: 32))
        for _ in 1...200_000 {
            let length = Int.random(in: 0...31, using: &generator)
            guarded.fill([UInt8(length)] + (0..<31).map { _ in UInt8.random(in: 0...255, using: &generator) })
            var value: UInt64 = 0
            var initial: UInt64 = 8
            let hasValue = lp_cfi_evaluate(
                guarded.start,
                32,
                0,
                registers,
                &initial,
                { _, address, word in
                    // As a kernel that refuses some reads.
                    word?.pointee = address &* 3
                    return address % 5 != 0
                },
                nil,
                &value
            )
            if hasValue { valued += 1 }
        }
        #expect(valued > 1000)
    }
}
