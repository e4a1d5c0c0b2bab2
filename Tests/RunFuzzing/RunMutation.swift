import Foundation
import Measurements
import Zlib

/// Changes run documents at random; equal seeds give equal changes.
package struct RunMutation {
    private var random: SplitMix64

    /// Begins a series of changes.
    ///
    /// - Parameter seed: Which one.
    package init(seed: UInt64) {
        random = SplitMix64(seed: seed)
    }

    /// Values that readers of JSON, of numbers and of columns stumble over.
    private static let hostile: [String] =
        [
            "null", "true", "false", "-1", "0", "1", "2", "7", "0.5", "-0.0", "-0.5", "1e308", "-1e308",
            "1e-308",
            "5e-324", "1e15", "1e999", "01", "1.", "-", "NaN", "Infinity", "tru", "99", "255", "256", "999",
            "1000", "65536", "20000000", "1000000000", "2147483647", "2147483648", "1073741824",
            "1099511627776",
            "1125899906842624", "9007199254740993", "9223372036854775807", "-9223372036854775808",
            "18446744073709551616", "[]", "{}", "[[]]", "[0]", "[null]", "{\"\":0}", "{\"ok\":1}", "\"\"",
            "\"NaN\"", "\"-1\"", "\"ok\"", "\"http.status\"", "\"cancelled.interrupted\"", "\"async\"",
            "\"blocking\"", "\"INVALID\"", "\"closed\"", "\"open\"", "\"burst\"", "\"crash\"", "\"SIGINT\"",
            "\"99\"", "\"p99<1ms\"", "\"throughput.change>1%\"", "\"1970-01-01T00:00:00Z\"",
            "\"2200-12-31T23:59:60.999999999Z\"", "\"<script>|=1+1`\\u001b[2J\\n\"", "\"\\ud800\"", "\"p1:\"",
            "\"p1:AAAA\"", "\"p1:eJwDAAAAAAE=\"", "\"HISTFAAAAA==\"", "\"SElTVEY=\"",
        ] + [bomb, String(repeating: "[", count: 2000), "\"\(String(repeating: "x", count: 70_000))\""]

    /// A million zeros as a packed column of a kilobyte.
    private static let bomb: String = {
        // Without memory for it there is no bomb, and nothing is lost.
        let packed = try? DeflateStream.packed(Array(repeating: 0, count: 1 << 20), format: .zlib, level: 9)
        return "\"p1:\(Data(packed ?? []).base64EncodedString())\""
    }()

    /// Changes a document.
    ///
    /// - Parameters:
    ///   - document: A document in JSON.
    ///   - other: One that values are taken from.
    /// - Returns: The changed bytes.
    package mutating func changed(_ document: [UInt8], other: [UInt8]) -> [UInt8] {
        // A single changed byte is seldom more than another error of the parser.
        if below(8) == 0 { return changedBytes(document) }
        var bytes = document
        for _ in 0..<[1, 1, 1, 2, 4][below(5)] {
            bytes = changedValue(bytes, JSONTree(of: bytes), other)
            guard isWhole(bytes) else { break }
        }
        return bytes
    }

    /// Changes single bytes of any file.
    ///
    /// - Parameter file: Its bytes.
    /// - Returns: The changed ones.
    package mutating func changedBytes(_ file: [UInt8]) -> [UInt8] {
        var bytes = file
        for _ in 0...below(4) where !bytes.isEmpty {
            let place = below(bytes.count)
            let end = min(bytes.count, place + 1 + below(40))
            switch below(7) {
            case 0: bytes[place] = UInt8(below(256))
            case 1: bytes[place] ^= 1 << UInt8(below(8))
            case 2: bytes[place] = 0xFF
            case 3: bytes.removeSubrange(place..<end)
            case 4: bytes.insert(contentsOf: bytes[place..<end], at: place)
            case 5: bytes.insert(contentsOf: [0xC3, 0x28, 0xED, 0xA0, 0x80], at: place)
            default: bytes.removeSubrange(place...)
            }
        }
        return bytes
    }

    private mutating func below(_ count: Int) -> Int { Int(random.below(UInt64(max(1, count)))) }

    /// Walks down from the root, so that a key is as likely as a long column.
    private mutating func anyValue(of tree: JSONTree) -> (value: JSONTree, parent: JSONTree?) {
        var (value, parent): (JSONTree, JSONTree?) = (tree, nil)
        while !value.children.isEmpty, parent == nil || below(5) > 0 {
            parent = value
            value = value.children[below(value.children.count)]
        }
        return (value, parent)
    }

    private mutating func changedValue(_ bytes: [UInt8], _ tree: JSONTree, _ other: [UInt8]) -> [UInt8] {
        let (value, parent) = anyValue(of: tree)
        var changed = bytes
        switch below(12) {
        case 0: changed.replaceSubrange(value.member, with: Array("\"moon\":0".utf8))
        case 1:
            let copies = [1, 1, 5, 300][below(4)]
            let member = Array(",".utf8) + bytes[value.member]
            for _ in 0..<copies where changed.count < 1 << 22 {
                changed.insert(contentsOf: member, at: value.member.upperBound)
            }
        case 2:
            changed.replaceSubrange(value.range, with: otherValue(bytes, tree))
        case 3:
            changed.replaceSubrange(value.range, with: otherValue(other, JSONTree(of: other)))
        case 4:
            guard let parent, let sibling = parent.children.randomElement(using: &random) else { break }
            changed.replaceSubrange(value.member, with: bytes[sibling.member])
        case 5...8:
            let text = String(decoding: bytes[value.range], as: UTF8.self)
            changed.replaceSubrange(value.range, with: changedNumber(text))
        default:
            changed.replaceSubrange(value.range, with: Array(Self.hostile[below(Self.hostile.count)].utf8))
        }
        return changed
    }

    private mutating func otherValue(_ bytes: [UInt8], _ tree: JSONTree) -> [UInt8] {
        Array(bytes[anyValue(of: tree).value.range])
    }

    /// A number near another, or far from it in the same direction; other values become hostile ones.
    private mutating func changedNumber(_ text: String) -> [UInt8] {
        guard let number = Double(text) else { return Array(Self.hostile[below(Self.hostile.count)].utf8) }
        let whole = Int64(exactly: number)
        let changed: String? =
            switch below(6) {
            case 0: whole.map { String($0 &+ 1) }
            case 1: whole.map { String($0 &- 1) }
            case 2: whole.map { String($0 &* 1_000_000) }
            case 3: whole.map { String(0 &- $0) }
            case 4: String(number / 1e9)
            default: String(number * 1e6)
            }
        return Array((changed ?? "1").utf8)
    }

    /// Whether a text is still JSON as far as finding its values goes: brackets match and texts end.
    private func isWhole(_ bytes: [UInt8]) -> Bool {
        var open: [UInt8] = []
        var place = 0
        while place < bytes.count {
            switch bytes[place] {
            case UInt8(ascii: "{"), UInt8(ascii: "["): open.append(bytes[place] + 2)
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                guard open.popLast() == bytes[place] else { return false }
                if open.isEmpty { return place + 2 >= bytes.count }
            case UInt8(ascii: "\""):
                place += 1
                while place < bytes.count, bytes[place] != UInt8(ascii: "\"") {
                    place += bytes[place] == UInt8(ascii: "\\") ? 2 : 1
                }
                guard place < bytes.count else { return false }
            default: break
            }
            place += 1
        }
        return false
    }
}
