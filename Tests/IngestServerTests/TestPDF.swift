/// Writes small PDFs byte by byte.
enum TestPDF {
    /// A PDF with the same text and images on every page.
    ///
    /// - Parameters:
    ///   - pages: How many pages; each says `Page 1`, `Page 2`, …
    ///   - imagesPerPage: How many images each page lists, 2 by 2 grey pixels each.
    /// - Returns: The file.
    static func document(pages: Int, imagesPerPage: Int) -> [UInt8] {
        var objects: [String] = []
        let pageNumbers = (0..<pages).map { 4 + $0 * (2 + imagesPerPage) }
        let kids = pageNumbers.map { "\($0) 0 R" }.joined(separator: " ")
        objects.append("<< /Type /Catalog /Pages 2 0 R >>")
        objects.append("<< /Type /Pages /Count \(pages) /Kids [\(kids)] /MediaBox [0 0 200 200] >>")
        objects.append("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>")
        for (page, number) in pageNumbers.enumerated() {
            let images = (0..<imagesPerPage).map { "/I\($0) \(number + 2 + $0) 0 R" }.joined(separator: " ")
            objects.append(
                "<< /Type /Page /Parent 2 0 R /Contents \(number + 1) 0 R "
                    + "/Resources << /Font << /F 3 0 R >> /XObject << \(images) >> >> >>"
            )
            objects.append(stream("", "BT /F 12 Tf 20 100 Td (Page \(page + 1)) Tj ET"))
            for image in 0..<imagesPerPage {
                let dictionary =
                    "/Type /XObject /Subtype /Image /Width 2 /Height 2 /ColorSpace /DeviceGray /BitsPerComponent 8 "
                objects.append(stream(dictionary, "a\(image)\(page % 10)z"))
            }
        }
        return file(objects)
    }

    /// A PDF whose page nobody draws to its end: eight forms, each of which shows the next one thirty times.
    static let endless: [UInt8] = {
        let resources = { (next: Int) in "/Resources << /XObject << /N \(next) 0 R >> >>" }
        let show = String(repeating: "/N Do ", count: 30)
        let box = "/Type /XObject /Subtype /Form /BBox [0 0 200 200]"
        let forms = (5..<12).map { stream("\(box) \(resources($0 + 1)) ", show) }
        return file(
            [
                "<< /Type /Catalog /Pages 2 0 R >>",
                "<< /Type /Pages /Count 1 /Kids [3 0 R] /MediaBox [0 0 200 200] >>",
                "<< /Type /Page /Parent 2 0 R /Contents 4 0 R \(resources(5)) >>",
                stream("", show),
            ] + forms + [stream(box + " ", "0 0 1 1 re f")]
        )
    }()

    /// A PDF that only a password opens.
    static let encrypted: [UInt8] = {
        let key = String(repeating: "41", count: 32)
        let encryption = "/Filter /Standard /V 1 /R 2 /P -4 /O <\(key)> /U <\(key)>"
        return file(
            ["<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Count 0 /Kids [] >>"],
            trailer: "/Encrypt << \(encryption) >> /ID [<00> <00>]"
        )
    }()

    /// A PDF whose page is the tree itself.
    static let damaged = file(
        ["<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Count 1 /Kids [2 0 R] >>"]
    )

    private static func stream(_ dictionary: String, _ data: String) -> String {
        "<< \(dictionary)/Length \(data.utf8.count) >>\nstream\n\(data)\nendstream"
    }

    private static func file(_ objects: [String], trailer: String = "") -> [UInt8] {
        var text = "%PDF-1.7\n"
        var table = "xref\n0 \(objects.count + 1)\n0000000000 65535 f \n"
        for (number, object) in objects.enumerated() {
            let offset = String(text.utf8.count)
            table += String(repeating: "0", count: 10 - offset.count) + offset + " 00000 n \n"
            text += "\(number + 1) 0 obj\n\(object)\nendobj\n"
        }
        let start = text.utf8.count
        text += table + "trailer\n<< /Size \(objects.count + 1) /Root 1 0 R \(trailer) >>\n"
        text += "startxref\n\(start)\n%%EOF\n"
        return Array(text.utf8)
    }
}
