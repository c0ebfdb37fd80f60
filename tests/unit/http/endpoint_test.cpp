// SPDX-License-Identifier: Apache-2.0
#include "api/http/endpoint.hpp"

#include <gtest/gtest.h>

namespace trueup::http {
namespace {

TEST(Endpoint, LoopbackIsTaken) {
    const auto text = [](std::string_view input) {
        const auto endpoint = parse_loopback_endpoint(input);
        return endpoint ? to_string(*endpoint) : endpoint.error().message();
    };
    EXPECT_EQ(text("127.0.0.1:9180"), "127.0.0.1:9180");
    EXPECT_EQ(text("127.9.0.1:0"), "127.9.0.1:0");
    EXPECT_EQ(text("localhost:9180"), "127.0.0.1:9180");
    EXPECT_EQ(text("[::1]:65535"), "[::1]:65535");
    EXPECT_EQ(parse_loopback_endpoint("[::1]:1")->address, "::1");
}

TEST(Endpoint, WhatLiesBeyondLoopbackIsDenied) {
    for (const std::string_view text :
         {"0.0.0.0:9180", "[::]:9180", ":9180", "10.0.0.1:9180", "example.com:9180",
          "127.0.0.1.example.com:1", "128.0.0.1:1", "[::ffff:127.0.0.1]:1"}) {
        const auto endpoint = parse_loopback_endpoint(text);
        ASSERT_FALSE(endpoint) << text;
        EXPECT_EQ(endpoint.error().code(), Errc::denied) << text;
    }
    EXPECT_EQ(parse_loopback_endpoint("0.0.0.0:9180").error().message(),
              "'0.0.0.0' is not a loopback address: there is no authentication yet, so only "
              "127.0.0.1, [::1] and "
              "localhost are allowed");
}

TEST(Endpoint, WhatIsNoEndpointIsInvalid) {
    for (const std::string_view text :
         {"", "9180", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:65536", "127.0.0.1:-1",
          "127.0.0.1: 1", "[::1", "[::1]", "[::1]9180", "::1:9180"}) {
        const auto endpoint = parse_loopback_endpoint(text);
        ASSERT_FALSE(endpoint) << text;
        EXPECT_EQ(endpoint.error().code(), Errc::invalid) << text;
    }
}

TEST(Endpoint, HostsOfThisMachine) {
    for (const std::string_view host :
         {"localhost", "LocalHost:9180", "127.0.0.1", "127.0.0.1:80", "[::1]", "[::1]:9180"}) {
        EXPECT_TRUE(is_loopback_host(host)) << host;
    }
    for (const std::string_view host :
         {"", "evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "10.0.0.1",
          "localhost:x", "localhost:99999", "[::1", "[::2]", "::1", "127.0.0.1@evil.example"}) {
        EXPECT_FALSE(is_loopback_host(host)) << host;
    }
}

}    // namespace
}    // namespace trueup::http
