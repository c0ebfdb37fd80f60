// SPDX-License-Identifier: Apache-2.0
// Without libFuzzer: runs a target over its seed files, and over every prefix and some single-byte
// changes of them, so that a plain unit run already meets truncated and damaged input.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

void run(const std::string& input) {
    LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
}

void run_with_damage(const std::string& seed) {
    run(seed);
    const std::size_t step = seed.size() / 256 + 1;
    for (std::size_t cut = 0; cut < seed.size(); cut += step) {
        run(seed.substr(0, cut));
        std::string damaged = seed;
        damaged[cut] = static_cast<char>(damaged[cut] ^ 0x15);
        run(damaged);
        damaged[cut] = static_cast<char>(0xFF);
        run(damaged);
    }
}

}    // namespace

int main(int argc, char** argv) {
    std::size_t seeds = 0;
    for (int index = 1; index < argc; ++index) {
        for (const auto& entry : std::filesystem::directory_iterator(argv[index])) {
            std::ifstream stream(entry.path(), std::ios::binary);
            run_with_damage(std::string(std::istreambuf_iterator<char>(stream), {}));
            ++seeds;
        }
    }
    std::printf("%zu seeds\n", seeds);
    return seeds == 0 ? 1 : 0;
}
