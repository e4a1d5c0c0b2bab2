// swift-tools-version: 6.2
import PackageDescription

// Code that stores in S3, tested against a real store. Outside this checkout, name the repository by its URL instead
// of a path.
let package = Package(
    name: "test-with-s3",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "ingest-bench", path: "../..")
    ],
    targets: [
        .target(
            name: "PhotoAlbum",
            dependencies: [.product(name: "S3Client", package: "ingest-bench")]
        ),
        .testTarget(
            name: "PhotoAlbumTests",
            dependencies: ["PhotoAlbum", .product(name: "S3Lite", package: "ingest-bench")]
        ),
    ]
)
