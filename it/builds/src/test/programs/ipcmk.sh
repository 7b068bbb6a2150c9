# needs: ipcmk
ipcmk -M 4096 && ipcmk -S 2 && ipcmk -Q
