import MuPDF

/// A small PDF, written object by object.
struct PDFFile {
    /// The objects' contents; the first has number 1.
    private var objects: [[UInt8]] = []
    /// Entries of the trailer besides size and root.
    var trailer = ""
    /// Where the file says its table is, if not where it is.
    var falseTableOffset: Int?

    /// Makes a file whose object 1 is the catalog, 2 the page tree, and 3 Helvetica.
    init() {
        add("<< /Type /Catalog /Pages 2 0 R >>")
        add("")
        add("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>")
    }

    /// A file of pages without images, given by their content and other entries.
    init(pages: [(content: String, entries: String)]) {
        self.init()
        setPages(pages.map { addPage(content: $0.content, entries: $0.entries) })
    }

    @discardableResult
    mutating func add(_ object: String) -> Int {
        objects.append(Array(object.utf8))
        return objects.count
    }

    mutating func add(_ entries: String, stream: [UInt8]) -> Int {
        let head = "<< \(entries) /Length \(stream.count) >>\nstream\n"
        objects.append(Array(head.utf8) + stream + Array("\nendstream".utf8))
        return objects.count
    }

    mutating func addImage(_ entries: String, width: Int, height: Int, _ stream: [UInt8]) -> Int {
        let size = "/Width \(width) /Height \(height) /BitsPerComponent 8"
        return add("/Type /XObject /Subtype /Image \(size) \(entries)", stream: stream)
    }

    /// Adds a form whose resources hold objects in the given order.
    mutating func addForm(_ objects: [Int]) -> Int {
        add("/Type /XObject /Subtype /Form /BBox [0 0 9 9] \(resources(objects))", stream: [])
    }

    mutating func addPage(content: String = "", objects: [Int] = [], entries: String = "") -> Int {
        let contentObject = add("", stream: Array(content.utf8))
        return add(
            "<< /Type /Page /Parent 2 0 R /Contents \(contentObject) 0 R \(resources(objects)) \(entries) >>"
        )
    }

    mutating func setPages(_ pages: [Int], count: Int? = nil) {
        let kids = pages.map { "\($0) 0 R" }.joined(separator: " ")
        let tree = "<< /Type /Pages /Count \(count ?? pages.count) /MediaBox [0 0 300 300] /Kids [\(kids)] >>"
        objects[1] = Array(tree.utf8)
    }

    /// Puts resources into the page tree, for pages that have none.
    mutating func addResourcesToTree(images: [Int]) {
        objects[1].removeLast(2)
        objects[1] += Array("\(resources(images)) >>".utf8)
    }

    private func resources(_ objects: [Int]) -> String {
        let names = objects.enumerated().map { "/X\($0) \($1) 0 R" }.joined(separator: " ")
        return "/Resources << /Font << /F 3 0 R >> /XObject << \(names) >> >>"
    }

    /// The whole file.
    var bytes: [UInt8] {
        var file = Array("%PDF-1.7\n".utf8)
        var table = "xref\n0 \(objects.count + 1)\n0000000000 65535 f \n"
        for (index, object) in objects.enumerated() {
            let offset = String(file.count)
            table += String(repeating: "0", count: 10 - offset.count) + "\(offset) 00000 n \n"
            file += Array("\(index + 1) 0 obj\n".utf8) + object + Array("\nendobj\n".utf8)
        }
        let start = falseTableOffset ?? file.count
        table +=
            "trailer\n<< /Size \(objects.count + 1) /Root 1 0 R \(trailer) >>\nstartxref\n\(start)\n%%EOF\n"
        return file + Array(table.utf8)
    }
}

/// The operators that show a line of text.
func line(_ text: String, x: Int = 20, y: Int = 200) -> String {
    "BT /F 12 Tf \(x) \(y) Td (\(text)) Tj ET\n"
}

/// Pixels that differ from place to place.
func gradient(_ count: Int, step: Int = 7) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: $0 * step + $0 / 13) }
}
