/// Draws a random UUID, version 4.
///
/// - Parameter generator: The source of randomness; for real use the system's.
/// - Returns: Its 36 characters in lower case.
func randomUUID(using generator: inout some RandomNumberGenerator) -> String {
    let digits = Array("0123456789abcdef".utf8)
    var high = generator.next()
    var low = generator.next()
    // RFC 9562, section 5.4: the version in four bits, the variant in two.
    high = high & ~0xf000 | 0x4000
    low = low & ~(3 << 62) | (2 << 62)
    return String(unsafeUninitializedCapacity: 36) { text in
        var place = 0
        for word in [high, low] {
            for shift in stride(from: 60, through: 0, by: -4) {
                if [8, 13, 18, 23].contains(place) {
                    text[place] = UInt8(ascii: "-")
                    place += 1
                }
                text[place] = digits[Int(word >> UInt64(shift) & 15)]
                place += 1
            }
        }
        return place
    }
}
