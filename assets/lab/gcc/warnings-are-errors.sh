# class: build-failure
# tool: gcc
# ecosystem: c-cpp
# step: Build with warnings as errors
# needs: apt:g++
# proof: [-Werror=reorder]
cat >session.cpp <<'END'
#include <string>

class Session {
public:
    Session(std::string host, int port) : port_(port), address_(host + ":" + std::to_string(port_)), host_(host) {}
    const std::string& address() const { return address_; }

private:
    std::string host_;
    std::string address_;
    int port_;
};

int main()
{
    Session session("localhost", 8080);
    return session.address().empty();
}
END
#%% step
g++ -std=c++17 -Wall -Wextra -Werror -o session session.cpp
