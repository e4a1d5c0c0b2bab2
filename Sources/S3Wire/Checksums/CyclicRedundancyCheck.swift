/// The tables of one reflected CRC, for sixteen bytes a step.
///
/// "Slicing-by-N": Kounavis and Berry, "A Systematic Approach to Building High Performance
/// Software-based CRC Generators", 2005.
package struct CyclicRedundancyCheck<Word: FixedWidthInteger & UnsignedInteger & Sendable>: Sendable {
    private static var slices: Int { 16 }

    private let table: [Word]
    private let polynomial: Word

    /// Builds the tables.
    ///
    /// - Parameter polynomial: The polynomial in reflected form.
    package init(polynomial: Word) {
        var table = [Word](repeating: 0, count: 256 * Self.slices)
        for byte in 0..<256 {
            var word = Word(byte)
            for _ in 0..<8 { word = word & 1 == 1 ? word >> 1 ^ polynomial : word >> 1 }
            table[byte] = word
        }
        for index in 256..<table.count {
            let previous = table[index - 256]
            table[index] = previous >> 8 ^ table[Int(previous & 0xFF)]
        }
        self.table = table
        self.polynomial = polynomial
    }

    /// Joins the checksums of two pieces to that of both, without their bytes.
    ///
    /// A CRC is a remainder of polynomials: the first one's is multiplied by x to the second one's bits.
    ///
    /// - Parameters:
    ///   - first: The checksum of the first piece.
    ///   - second: The checksum of the second piece.
    ///   - length: How many bytes the second piece has.
    /// - Returns: The checksum of the first piece followed by the second.
    package func combine(_ first: Word, _ second: Word, length: Int64) -> Word {
        var factor: Word = 1 << Word(Word.bitWidth - 1)
        // x to the eighth, squared for each bit of the length.
        var square: Word = 1 << Word(Word.bitWidth - 9)
        var rest = length
        while rest > 0 {
            if rest & 1 == 1 { factor = multiply(square, factor) }
            square = multiply(square, square)
            rest >>= 1
        }
        return multiply(factor, first) ^ second
    }

    /// Multiplies two polynomials, modulo this one; the highest bit is the coefficient of one.
    private func multiply(_ left: Word, _ right: Word) -> Word {
        var (product, shifted): (Word, Word) = (0, right)
        var bit: Word = 1 << Word(Word.bitWidth - 1)
        while bit > 0 {
            if left & bit != 0 { product ^= shifted }
            shifted = shifted & 1 == 1 ? shifted >> 1 ^ polynomial : shifted >> 1
            bit >>= 1
        }
        return product
    }

    /// Continues a checksum over more bytes.
    ///
    /// - Parameters:
    ///   - checksum: The checksum of what came before; zero at the start.
    ///   - bytes: What comes next.
    /// - Returns: The checksum of both.
    @inline(__always)
    package func update(_ checksum: Word, _ bytes: UnsafeRawBufferPointer) -> Word {
        var word = ~checksum
        table.withUnsafeBufferPointer { table in
            var offset = 0
            while offset + 16 <= bytes.count {
                let low = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
                let high = UInt64(
                    littleEndian: bytes.loadUnaligned(fromByteOffset: offset + 8, as: UInt64.self)
                )
                let first = low ^ UInt64(truncatingIfNeeded: word)
                word = Self.fold(first, table, 15) ^ Self.fold(high, table, 7)
                offset += 16
            }
            while offset < bytes.count {
                word = word >> 8 ^ table[Int(UInt8(truncatingIfNeeded: word) ^ bytes[offset])]
                offset += 1
            }
        }
        return ~word
    }

    /// Looks up eight bytes, the first of which lies `slice` bytes before the end of the step.
    @inline(__always)
    private static func fold(_ bytes: UInt64, _ table: UnsafeBufferPointer<Word>, _ slice: Int) -> Word {
        let base = slice << 8
        let a = table[base + Int(bytes & 0xFF)] ^ table[base - 256 + Int(bytes >> 8 & 0xFF)]
        let b = table[base - 512 + Int(bytes >> 16 & 0xFF)] ^ table[base - 768 + Int(bytes >> 24 & 0xFF)]
        let c = table[base - 1024 + Int(bytes >> 32 & 0xFF)] ^ table[base - 1280 + Int(bytes >> 40 & 0xFF)]
        let d = table[base - 1536 + Int(bytes >> 48 & 0xFF)] ^ table[base - 1792 + Int(bytes >> 56)]
        return a ^ b ^ (c ^ d)
    }
}

/// The three CRCs of S3.
package enum CyclicRedundancyChecks {
    /// CRC-32 as in Ethernet and zip (ISO-HDLC).
    package static let crc32 = CyclicRedundancyCheck<UInt32>(polynomial: 0xEDB8_8320)
    /// CRC-32C (Castagnoli).
    package static let crc32c = CyclicRedundancyCheck<UInt32>(polynomial: 0x82F6_3B78)
    /// CRC-64/NVME.
    package static let crc64nvme = CyclicRedundancyCheck<UInt64>(polynomial: 0x9A6C_9329_AC4B_C9B5)
}
