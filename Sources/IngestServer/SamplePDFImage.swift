import MuPDF

/// One image of a sample: a landscape, in one of the forms that PDFs keep images in.
struct SamplePDFImage {
    /// How the image is kept.
    enum Kind: CaseIterable {
        case rgb
        case grey
        case indexed
        case jpeg
    }

    /// The bytes of the image's stream.
    let bytes: [UInt8]
    /// The entries of its dictionary but length and Flate filter.
    let dictionary: String
    /// Whether the bytes are a zlib stream.
    let isFlate: Bool

    /// Draws an image.
    ///
    /// - Parameters:
    ///   - kind: How it is kept.
    ///   - number: Its number in the document; another number is another landscape.
    ///   - seed: Another seed gives other landscapes.
    init(kind: Kind, number: Int, seed: UInt64) {
        let random = SampleRandom(seed: seed, -1, number)
        let (width, height) = kind == .jpeg ? (960, 640) : (240, 160)
        var scene = SamplePDFScene(width: width, height: height, grain: kind.grain, random: random)
        isFlate = kind != .jpeg
        let space: String
        switch kind {
        case .rgb:
            bytes = FlateEncoder.encode(scene.rgb())
            space = "/ColorSpace /DeviceRGB"
        case .grey:
            bytes = FlateEncoder.encode(scene.grey())
            space = "/ColorSpace /DeviceGray"
        case .indexed:
            bytes = FlateEncoder.encode(scene.grey())
            space = "/ColorSpace [/Indexed /DeviceRGB 255 <\(hexadecimal(scene.palette))>]"
        case .jpeg:
            let image = PixelImage(width: width, height: height, components: 3, pixels: scene.rgb())
            bytes = image.jpeg(quality: 96)
            space = "/ColorSpace /DeviceRGB /Filter /DCTDecode"
        }
        dictionary =
            " /Type /XObject /Subtype /Image /Width \(width) /Height \(height) /BitsPerComponent 8 \(space)"
    }
}

extension SamplePDFImage.Kind {
    /// How far noise may move a sample, of 255: what makes the default sample 0.9 MB.
    fileprivate var grain: Int {
        switch self {
        case .rgb: 0
        case .grey: 1
        case .indexed: 0
        case .jpeg: 16
        }
    }
}

private func hexadecimal(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
}
