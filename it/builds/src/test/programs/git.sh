# needs: git
git init -q "/dev/shm/$TAG-repository"
