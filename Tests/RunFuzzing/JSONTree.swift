/// Where the values of a JSON text stand; the text must be right.
package struct JSONTree {
    /// The bytes of the value.
    package let range: Range<Int>
    /// From the name of a field to the end of its value; the value's own bytes in an array.
    package let member: Range<Int>
    /// Fields and elements.
    package let children: [JSONTree]

    /// Finds the values of a text.
    ///
    /// - Parameter bytes: The text.
    package init(of bytes: [UInt8]) {
        var place = 0
        self = Self.value(in: bytes, from: &place, member: nil)
    }

    private init(range: Range<Int>, member: Int?, children: [JSONTree]) {
        self.range = range
        self.member = (member ?? range.lowerBound)..<range.upperBound
        self.children = children
    }

    private static func value(in bytes: [UInt8], from place: inout Int, member: Int?) -> JSONTree {
        skipBlanks(bytes, &place)
        let start = place
        var children: [JSONTree] = []
        switch bytes[place] {
        case UInt8(ascii: "\""): skipText(bytes, &place)
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            let isObject = bytes[place] == UInt8(ascii: "{")
            place += 1
            skipBlanks(bytes, &place)
            while !isEnd(bytes[place]) {
                let name = place
                if isObject {
                    skipText(bytes, &place)
                    skipBlanks(bytes, &place)
                    place += 1
                }
                children.append(value(in: bytes, from: &place, member: isObject ? name : nil))
                skipBlanks(bytes, &place)
                if bytes[place] == UInt8(ascii: ",") { place += 1 }
                skipBlanks(bytes, &place)
            }
            place += 1
        default:
            while place < bytes.count, !isEnd(bytes[place]), bytes[place] != UInt8(ascii: ","),
                bytes[place] > 0x20
            { place += 1 }
        }
        return JSONTree(range: start..<place, member: member, children: children)
    }

    private static func isEnd(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "}") || byte == UInt8(ascii: "]")
    }

    private static func skipBlanks(_ bytes: [UInt8], _ place: inout Int) {
        while place < bytes.count, bytes[place] <= 0x20 { place += 1 }
    }

    private static func skipText(_ bytes: [UInt8], _ place: inout Int) {
        place += 1
        while bytes[place] != UInt8(ascii: "\"") { place += bytes[place] == UInt8(ascii: "\\") ? 2 : 1 }
        place += 1
    }
}
