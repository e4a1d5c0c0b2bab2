// swift-tools-version: 6.2
import PackageDescription

// Tests that must fail, for `scripts/test-detection`: it looks at how they do.

let package = Package(
    name: "Detection",
    platforms: [.macOS(.v15)],
    dependencies: [
        // The name is given because a checkout may lie in a folder of any name.
        .package(name: "ingest-bench", path: "../../.."),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    ],
    targets: [
        .testTarget(
            name: "DetectionTests",
            dependencies: [
                .product(name: "LoopWatchTesting", package: "ingest-bench"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ]
        )
    ]
)
