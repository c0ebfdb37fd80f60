// SPDX-License-Identifier: Apache-2.0
#include "controller/compose/short_forms.hpp"
#include "tests/unit/compose/load_support.hpp"

namespace trueup::compose::test {
namespace {

using Ports = std::vector<model::Port>;

Ports ports_of(const std::string& list) { return web_of("ports: " + list + "\n").ports; }

TEST(ComposePorts, TargetAlone) {
    EXPECT_EQ(ports_of("[80, '81/udp', '82/sctp']"),
              (Ports{{"", "", 80, "tcp"}, {"", "", 81, "udp"}, {"", "", 82, "sctp"}}));
}

TEST(ComposePorts, PublishedAndTarget) {
    EXPECT_EQ(ports_of("['8080:80', 22:22, ':90', '0:91']"), (Ports{{"", "8080", 80, "tcp"},
                                                                    {"", "22", 22, "tcp"},
                                                                    {"", "", 90, "tcp"},
                                                                    {"", "0", 91, "tcp"}}));
}

TEST(ComposePorts, WithAnAddress) {
    EXPECT_EQ(
        ports_of("['127.0.0.1:8001:80/udp', '127.0.0.1::81', '[::1]:8002:82', '::1:8003:83']"),
        (Ports{{"127.0.0.1", "8001", 80, "udp"},
               {"127.0.0.1", "", 81, "tcp"},
               {"::1", "8002", 82, "tcp"},
               {"::1", "8003", 83, "tcp"}}));
}

TEST(ComposePorts, RangesOfEqualLengthPair) {
    EXPECT_EQ(ports_of("['9090-9091:80-81', '3000-3001']"), (Ports{{"", "9090", 80, "tcp"},
                                                                   {"", "9091", 81, "tcp"},
                                                                   {"", "", 3000, "tcp"},
                                                                   {"", "", 3001, "tcp"}}));
}

TEST(ComposePorts, ARangeForOneTargetIsLeftToTheEngine) {
    EXPECT_EQ(ports_of("['8000-8010:80']"), (Ports{{"", "8000-8010", 80, "tcp"}}));
}

TEST(ComposePorts, LongForm) {
    EXPECT_EQ(
        ports_of("[{target: 80, published: 8080, host_ip: 10.0.0.1, protocol: udp, "
                 "mode: host, name: dns}, {target: '81', published: 9000-9001}]"),
        (Ports{{"10.0.0.1", "8080", 80, "udp", "dns", "host"}, {"", "9000-9001", 81, "tcp"}}));
}

TEST(ComposePorts, RepeatedOnesCountOnce) {
    EXPECT_EQ(ports_of("['80:80', {target: 80, published: 80}, '80:80/tcp']"),
              (Ports{{"", "80", 80, "tcp"}}));
}

TEST(ComposePorts, WhatIsNoPortIsRefusedWithTheRightForms) {
    EXPECT_EQ(problems_of_web("ports:\n  - '80:'\n  - 'a:80'\n  - '80/icmp'\n  - '1-3:1-2'\n"
                              "  - 'localhost:80:80'\n  - 70000\n  - 0\n  - '2-1'\n"),
              "compose.yaml:5:9: services.web.ports[0]: '80:' is no port mapping: the "
              "container's port is a number from 1 to 65535 (write \"8000\", \"8080:8000\" "
              "or \"127.0.0.1:8080:8000/tcp\")\n"
              "compose.yaml:6:9: services.web.ports[1]: 'a:80' is no port mapping: the "
              "published port is a number from 0 to 65535 (write \"8000\", \"8080:8000\" or "
              "\"127.0.0.1:8080:8000/tcp\")\n"
              "compose.yaml:7:9: services.web.ports[2]: '80/icmp' is no port mapping: the "
              "protocol is tcp, udp or sctp (write \"8000\", \"8080:8000\" or "
              "\"127.0.0.1:8080:8000/tcp\")\n"
              "compose.yaml:8:9: services.web.ports[3]: '1-3:1-2' is no port mapping: the "
              "two ranges differ in length (write \"8000\", \"8080:8000\" or "
              "\"127.0.0.1:8080:8000/tcp\")\n"
              "compose.yaml:9:9: services.web.ports[4]: 'localhost:80:80' is no port "
              "mapping: the part before the published port is an IP address (write \"8000\", "
              "\"8080:8000\" or \"127.0.0.1:8080:8000/tcp\")\n"
              "compose.yaml:10:9: services.web.ports[5]: '70000' is no port mapping: the "
              "container's port is a number from 1 to 65535 (write \"8000\", \"8080:8000\" "
              "or \"127.0.0.1:8080:8000/tcp\")\n"
              "compose.yaml:11:9: services.web.ports[6]: '0' is no port mapping: the "
              "container's port is a number from 1 to 65535 (write \"8000\", \"8080:8000\" "
              "or \"127.0.0.1:8080:8000/tcp\")\n"
              "compose.yaml:12:9: services.web.ports[7]: '2-1' is no port mapping: the "
              "container's port is a number from 1 to 65535 (write \"8000\", \"8080:8000\" "
              "or \"127.0.0.1:8080:8000/tcp\")");
}

TEST(ComposePorts, WhatIsWrongInALongFormIsRefused) {
    EXPECT_EQ(problems_of_web("ports:\n"
                              "  - {published: 80}\n"
                              "  - {target: 80, protocol: http}\n"
                              "  - {target: 80, published: x, host_ip: here}\n"
                              "  - {target: 80, app_protocol: http}\n"
                              "  - [80]\n"),
              "compose.yaml:5:9: services.web.ports[0]: this port has no target\n"
              "compose.yaml:6:32: services.web.ports[1]: 'http' is no protocol (tcp, udp or "
              "sctp)\n"
              "compose.yaml:7:33: services.web.ports[2]: 'x' is no published port (a number "
              "from 0 to 65535, or a range)\n"
              "compose.yaml:7:45: services.web.ports[2]: 'here' is no IP address\n"
              "compose.yaml:9:9: services.web.ports[4]: expected a port, got a list");
    EXPECT_EQ(problems_of_web("ports: 80\n"),
              "compose.yaml:4:12: services.web.ports: expected a list, got a number");
}

TEST(ComposePorts, ManyRangesEnd) {
    std::string list;
    for (int first = 1; first < 50; ++first) list += fmt::format("  - '{}-65535'\n", first);
    EXPECT_NE(problems_of_web("ports:\n" + list).find("more than 100000 ports in one project"),
              std::string::npos);
}

TEST(ComposeExpose, PortsAreStringsOrNumbers) {
    EXPECT_EQ(web_of("expose: [80, '81/udp', 90-92]\n").expose,
              (model::Strings{"80", "81/udp", "90-92"}));
    EXPECT_EQ(problems_of_web("expose: [http, 80/x]\n"),
              "compose.yaml:4:14: services.web.expose: 'http' is no port (write \"8000\" or "
              "\"8000/udp\")\n"
              "compose.yaml:4:20: services.web.expose: '80/x' is no port (write \"8000\" or "
              "\"8000/udp\")");
}

}    // namespace
}    // namespace trueup::compose::test
