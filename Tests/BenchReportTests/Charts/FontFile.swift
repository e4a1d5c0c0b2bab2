import Foundation

/// What a TrueType file says of itself.
enum FontFile {
    /// Finds the revision of an installed font in its head table (OpenType, "head").
    ///
    /// - Parameter name: The file's name without `.ttf`.
    /// - Returns: Such as 2.37, to two decimals; nil where there is no such file.
    static func revision(of name: String) -> Double? {
        let folders = ["/usr/share/fonts", "/usr/local/share/fonts"]
        for folder in folders {
            guard let files = FileManager.default.enumerator(atPath: folder) else { continue }
            for case let file as String in files where file.hasSuffix("/\(name).ttf") {
                // A file that can't be read is no font.
                guard let data = try? Data(contentsOf: URL(filePath: "\(folder)/\(file)")) else { continue }
                return revision(in: Array(data))
            }
        }
        return nil
    }

    private static func revision(in font: [UInt8]) -> Double? {
        func number(at place: Int, _ size: Int) -> Int {
            font.dropFirst(place).prefix(size).reduce(0) { $0 << 8 | Int($1) }
        }
        let tables = (0..<number(at: 4, 2)).map { 12 + 16 * $0 }
        let head = tables.first { font.dropFirst($0).prefix(4).elementsEqual("head".utf8) }
        return head.map { table in
            // A number with 16 bits on either side of its point.
            let revision = number(at: number(at: table + 8, 4) + 4, 4)
            return (Double(revision) / 65536 * 100).rounded() / 100
        }
    }
}
